(** * Round trips: converting there and back gives an equivalent game *)

From Coq Require Import QArith List Setoid Morphisms.
From Equilibrist Require Import Dist Runs Agents PosgToAecg AecgToPosg.
From Equilibrist Require Posg Aecg.
Import ListNotations.
Open Scope Q_scope.

Section PosgRoundTrip.
  Context {A Ω : Type} (G : Posg.game A Ω) (π : profile A Ω).

  Notation N := (Posg.agents G).
  Notation GG := (to_posg (to_aecg G)).

  (** A POSG, played as the POSG of its AECG, one agent at a time. *)
  Theorem posg_round_trip t :
    law_map (fun run => project G (map (extract (to_aecg G)) run)) (Posg.law GG π (1 + t * (N + 1))) ≈
    Posg.law G π t.
  Proof.
    rewrite <- (theorem_A G π t), <- (theorem_B_extract (to_aecg G) π (1 + t * (N + 1))).
    symmetry. apply law_map_law_map.
  Qed.

  (** The values are the same, so (Equilibria.v) are best responses and equilibria. *)
  Theorem posg_round_trip_returns t i : Posg.J GG (1 + t * (N + 1)) π i == Posg.J G t π i.
  Proof. now rewrite theorem_B_returns, theorem_A_returns. Qed.
End PosgRoundTrip.

Section AecgRoundTrip.
  Context {A Ω : Type} (G : Aecg.game A Ω) (π : profile A Ω).

  Notation N := (Aecg.agents G).
  Notation GG := (to_aecg (to_posg G)).

  (** An AECG, played as the AECG of its POSG, where each step becomes a round in which only the
      mover's turn is not empty. *)
  Theorem aecg_round_trip t :
    law_map (fun run => map (extract G) (project (to_posg G) run))
      (Aecg.law GG π (1 + t * (N + 1))) ≈
    Aecg.law G π t.
  Proof.
    rewrite <- (theorem_B_extract G π t), <- (theorem_A (to_posg G) π t).
    symmetry. apply law_map_law_map.
  Qed.

  Theorem aecg_round_trip_returns t i : Aecg.J GG (1 + t * (N + 1)) π i == Aecg.J G t π i.
  Proof.
    rewrite <- (theorem_B_returns G π t i). exact (theorem_A_returns (to_posg G) π t i).
  Qed.
End AecgRoundTrip.
