(** * Theorem A: every POSG has an equivalent AECG

    The agents move in turn, 0, 1, …, N-1, then the environment: one round of N+1 AECG steps is one
    POSG step. Observations may be correlated, so the environment draws them all with the next
    state; each waits in its agent's slot until that agent's turn. *)

From Coq Require Import QArith List Setoid Morphisms.
From Equilibrist Require Import Dist Runs Agents.
From Equilibrist Require Posg Aecg Staged StagedProof.
Import ListNotations.
Open Scope Q_scope.

Section PosgToAecg.
  Context {A Ω : Type} (G : Posg.game A Ω).

  Notation N := (Posg.agents G).

  (** ** The conversion *)

  (** A slot holds an observation; to look is to take it. *)
  Definition staged : Staged.game A Ω :=
    Staged.Game (Posg.state G) (option Ω) N (Posg.initial G) (Posg.transition G) (Posg.reward G)
      (Posg.observe G) (fun _ _ waiting => ret waiting) (Posg.discount G) (Posg.terminal G)
      (Posg.initial_fits G) (Posg.observe_fits G).

  Definition to_aecg : Aecg.game A Ω := Staged.to_aecg staged.

  (** Records of the AECG, read round by round as records of the POSG. *)
  Definition project
    : list (Aecg.entry A Ω (Aecg.state to_aecg)) -> list (Posg.entry A Ω (Posg.state G)) :=
    Staged.project.

  (** ** The proof: both stages together draw what the POSG draws *)

  Lemma look_waiting s os : forall i, Staged.look_each staged i s os ≈ ret os.
  Proof.
    induction os as [|o os IH]; intros i; [reflexivity |]. simpl.
    rewrite bind_ret_l, IH, bind_ret_l. reflexivity.
  Qed.

  Lemma staged_law π t : Posg.law (Staged.to_posg staged) π t ≈ Posg.law G π t.
  Proof.
    symmetry.
    apply (Posg.law_replaced G π (Staged.posg_initial staged) (Staged.posg_observe staged)
             (Staged.posg_initial_fits staged) (Staged.posg_observe_fits staged)).
    - unfold Staged.posg_initial. simpl. rewrite <- (bind_ret_r (Posg.initial G)) at 1.
      apply bind_ext. intros [s os]. now rewrite look_waiting, bind_ret_l.
    - intros s a. unfold Staged.posg_observe. simpl. rewrite <- (bind_ret_r (Posg.observe G s a)) at 1.
      apply bind_ext. intros os. now rewrite look_waiting.
  Qed.

  (** ** Theorem A

      [t] POSG steps are [1 + t(N+1)] AECG steps. The same profile plays both games, for histories
      are of the same type and hold the same events. *)
  Theorem theorem_A π t :
    law_map project (Aecg.law to_aecg π (1 + t * (N + 1))) ≈ Posg.law G π t.
  Proof. rewrite <- staged_law. exact (StagedProof.theorem_A_staged staged π t). Qed.

  (** Discounted returns agree: for every profile, horizon and agent. *)
  Theorem theorem_A_returns π t i : Aecg.J to_aecg (1 + t * (N + 1)) π i == Posg.J G t π i.
  Proof.
    unfold Posg.J. rewrite <- (staged_law π t _).
    exact (StagedProof.theorem_A_staged_returns staged π t i).
  Qed.
End PosgToAecg.
