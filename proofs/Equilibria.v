(** * Corollaries: values, best responses and equilibria are the same in both games

    Policies are functions of histories, and histories are of the same type in a game and in its
    conversion. So no translation of policies is needed: the very same profile has the same values
    in both games, and is an equilibrium of one exactly when it is one of the other. *)

From Coq Require Import QArith List PeanoNat.
From Equilibrist Require Import Dist Runs Agents PosgToAecg AecgToPosg.
From Equilibrist Require Posg Aecg Forms.
Import ListNotations.
Open Scope Q_scope.

(** ** Definitions, for any way [J] of valuing profiles *)

Section Definitions.
  Context {A Ω : Type}.
  Context (n : nat) (J : profile A Ω -> nat -> Q).

  (** The policies that count: all of them, the legal ones ([legal_policy], Agents.v), or any other
      class, one for each agent. *)
  Context (allowed : nat -> policy A Ω -> Prop).

  (** [ρ] is a best response of agent [i] when the others play [π]. *)
  Definition best_response (π : profile A Ω) (i : nat) (ρ : policy A Ω) : Prop :=
    allowed i ρ /\ forall ρ', allowed i ρ' -> J (deviate π i ρ') i <= J (deviate π i ρ) i.

  (** Agent [i] gains at most [ε] by deviating from [π]. *)
  Definition regret_at_most (ε : Q) (π : profile A Ω) (i : nat) : Prop :=
    forall ρ, allowed i ρ -> J (deviate π i ρ) i <= J π i + ε.

  (** An ε-equilibrium; with ε = 0, a Nash equilibrium. *)
  Definition nash (ε : Q) (π : profile A Ω) : Prop :=
    forall i, (i < n)%nat -> allowed i (π i) /\ regret_at_most ε π i.
End Definitions.

(** ** Games with equal values have the same best responses and equilibria *)

Section EqualValues.
  Context {A Ω : Type} (J K : profile A Ω -> nat -> Q).
  Context (same_values : forall π i, J π i == K π i).

  Lemma same_best_responses allowed π i ρ :
    best_response J allowed π i ρ <-> best_response K allowed π i ρ.
  Proof.
    unfold best_response. split; intros [Hρ H]; (split; [exact Hρ |]); intros ρ' Hρ'.
    - rewrite <- !same_values. auto.
    - rewrite !same_values. auto.
  Qed.

  Lemma same_regrets allowed ε π i :
    regret_at_most J allowed ε π i <-> regret_at_most K allowed ε π i.
  Proof.
    unfold regret_at_most. split; intros H ρ Hρ.
    - rewrite <- !same_values. auto.
    - rewrite !same_values. auto.
  Qed.

  Lemma same_equilibria n allowed ε π : nash n J allowed ε π <-> nash n K allowed ε π.
  Proof.
    unfold nash. split; intros H i Hi; destruct (H i Hi) as [H1 H2];
      (split; [exact H1 | now apply same_regrets]).
  Qed.
End EqualValues.

(** ** POSG → AECG: a horizon of [t] POSG steps is one of [1 + t(N+1)] AECG steps *)

Section PosgToAecg.
  Context {A Ω : Type} (G : Posg.game A Ω) (t : nat).

  Notation n := (Posg.agents G).
  Notation JP := (Posg.J G t).
  Notation JA := (Aecg.J (to_aecg G) (1 + t * (n + 1))).

  Theorem best_responses_A allowed π i ρ :
    best_response JA allowed π i ρ <-> best_response JP allowed π i ρ.
  Proof. apply same_best_responses. intros π' j. apply theorem_A_returns. Qed.

  Theorem regrets_A allowed ε π i :
    regret_at_most JA allowed ε π i <-> regret_at_most JP allowed ε π i.
  Proof. apply same_regrets. intros π' j. apply theorem_A_returns. Qed.

  Theorem equilibria_A allowed ε π : nash n JA allowed ε π <-> nash n JP allowed ε π.
  Proof. apply same_equilibria. intros π' j. apply theorem_A_returns. Qed.
End PosgToAecg.

(** ** AECG → POSG: the horizons are equal *)

Section AecgToPosg.
  Context {A Ω : Type} (G : Aecg.game A Ω) (t : nat).

  Notation n := (Aecg.agents G).
  Notation JA := (Aecg.J G t).
  Notation JP := (Posg.J (to_posg G) t).

  Theorem best_responses_B allowed π i ρ :
    best_response JP allowed π i ρ <-> best_response JA allowed π i ρ.
  Proof. apply same_best_responses. intros π' j. apply theorem_B_returns. Qed.

  Theorem regrets_B allowed ε π i :
    regret_at_most JP allowed ε π i <-> regret_at_most JA allowed ε π i.
  Proof. apply same_regrets. intros π' j. apply theorem_B_returns. Qed.

  Theorem equilibria_B allowed ε π : nash n JP allowed ε π <-> nash n JA allowed ε π.
  Proof. apply same_equilibria. intros π' j. apply theorem_B_returns. Qed.
End AecgToPosg.

(** ** POSG → AECG, for every form of the observations *)

Section Forms.
  Context {A Ω : Type} (F : Forms.game A Ω) (t : nat).

  Notation n := (Forms.agents F).
  Notation JP := (Posg.J (Forms.to_posg F) t).
  Notation JA := (Aecg.J (Forms.to_aecg F) (1 + t * (n + 1))).

  Theorem best_responses_A_forms allowed π i ρ :
    best_response JA allowed π i ρ <-> best_response JP allowed π i ρ.
  Proof. apply same_best_responses. intros π' j. apply Forms.theorem_A_forms_returns. Qed.

  Theorem regrets_A_forms allowed ε π i :
    regret_at_most JA allowed ε π i <-> regret_at_most JP allowed ε π i.
  Proof. apply same_regrets. intros π' j. apply Forms.theorem_A_forms_returns. Qed.

  Theorem equilibria_A_forms allowed ε π : nash n JA allowed ε π <-> nash n JP allowed ε π.
  Proof. apply same_equilibria. intros π' j. apply Forms.theorem_A_forms_returns. Qed.
End Forms.
