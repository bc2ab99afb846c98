(** * Theorem A for every form that observations take

    In the lecture's POSG an agent's observation depends on the state reached and on its own last
    action, independently of the others: the factored form. Real benchmarks need the joint form.
    The first observations, before any action, may be of either form too. Here a game says which
    forms it has, as the Python class does, and its AECG makes use of it: where observations are
    factored nothing is drawn before an agent's turn, and its slot keeps its previous action, if the
    observation depends on it. Used as [Forms.game], [Forms.to_aecg], … *)

From Coq Require Import QArith List Setoid Morphisms.
From Equilibrist Require Import Dist Runs Agents.
From Equilibrist Require Posg Aecg Staged StagedProof.
Import ListNotations.
Open Scope Q_scope.

(** ** The game *)

Section Kernels.
  Context (n : nat) (S A Ω : Type).

  (** Observations after a step. [uses i s] says whether agent [i]'s observation on reaching [s]
      depends on its action at all. *)
  Inductive observations :=
  | Factored (law : nat -> S -> option A -> dist (option Ω)) (uses : nat -> S -> bool)
      (sound : forall i s a, uses i s = false -> law i s a ≈ law i s None)
  | Joint (law : S -> list (option A) -> dist (list (option Ω)))
      (fits : forall s a, always (fun os => length os = n) (law s a)).

  (** Observations before the first action. Where there is no model for them, everybody receives
      one constant symbol: [FirstFactored] with point masses. *)
  Inductive first_observations :=
  | FirstFactored (law : nat -> S -> dist (option Ω))
  | FirstJoint (law : S -> dist (list (option Ω)))
      (fits : forall s, always (fun os => length os = n) (law s)).
End Kernels.
Arguments Factored {n S A Ω}.
Arguments Joint {n S A Ω}.
Arguments FirstFactored {n S Ω}.
Arguments FirstJoint {n S Ω}.

Record game (A Ω : Type) := Game {
  state : Type;
  agents : nat;
  initial : dist state;                                         (* ρ0 *)
  first : first_observations agents state Ω;                    (* O0 *)
  transition : state -> list (option A) -> dist state;          (* P(s' | s, a) *)
  reward : state -> list (option A) -> state -> dist (list Q);  (* R(r | s, a, s'), jointly *)
  observe : observations agents state A Ω;                      (* O *)
  discount : state -> Q;
  terminal : state -> bool
}.
Arguments Game {A Ω}.
Arguments state {A Ω}.
Arguments agents {A Ω}.
Arguments initial {A Ω}.
Arguments first {A Ω}.
Arguments transition {A Ω}.
Arguments reward {A Ω}.
Arguments observe {A Ω}.
Arguments discount {A Ω}.
Arguments terminal {A Ω}.

(** ** The POSG that it is *)

(** Independent draws for [n] agents, numbered from [i] on. *)
Fixpoint draw_each {X} (i n : nat) (law : nat -> dist X) : dist (list X) :=
  match n with
  | O => ret []
  | S n => x <- law i;; xs <- draw_each (S i) n law;; ret (x :: xs)
  end.

Lemma draw_each_fits {X} n : forall i (law : nat -> dist X),
  always (fun xs => length xs = n) (draw_each i n law).
Proof.
  induction n as [|n IH]; intros i law; simpl; [now apply always_ret |].
  apply always_bind_any. intros x. eapply always_bind; [apply IH |]. intros xs H.
  apply always_ret. simpl. now rewrite H.
Qed.

Section ToPosg.
  Context {A Ω : Type} (F : game A Ω).

  Notation N := (agents F).

  Definition first_law (s : state F) : dist (list (option Ω)) :=
    match first F with
    | FirstFactored law => draw_each 0 N (fun i => law i s)
    | FirstJoint law _ => law s
    end.

  Definition observe_law (s : state F) (a : list (option A)) : dist (list (option Ω)) :=
    match observe F with
    | Factored law _ _ => draw_each 0 N (fun i => law i s (nth i a None))
    | Joint law _ => law s a
    end.

  Definition posg_initial : dist (state F * list (option Ω)) :=
    s <- initial F;; os <- first_law s;; ret (s, os).

  Lemma posg_initial_fits : always (fun so => length (snd so) = N) posg_initial.
  Proof.
    apply always_bind_any. intros s. apply always_bind with (P := fun os => length os = N).
    - unfold first_law. destruct (first F); [apply draw_each_fits | auto].
    - intros os H. now apply always_ret.
  Qed.

  Lemma observe_law_fits s a : always (fun os => length os = N) (observe_law s a).
  Proof. unfold observe_law. destruct (observe F); [apply draw_each_fits | auto]. Qed.

  Definition to_posg : Posg.game A Ω :=
    Posg.Game (state F) N posg_initial (transition F) (reward F) observe_law (discount F) (terminal F)
      posg_initial_fits observe_law_fits.
End ToPosg.

(** ** The conversion *)

(** Before an agent's turn its slot says that there was no action yet, or keeps the previous action,
    or holds the observation that waits. *)
Inductive held (A Ω : Type) := First | After (a : option A) | Waiting (o : option Ω).
Arguments First {A Ω}.
Arguments After {A Ω}.
Arguments Waiting {A Ω}.

Section ToAecg.
  Context {A Ω : Type} (F : game A Ω).

  Notation N := (agents F).

  Definition first_slots (s : state F) : dist (list (held A Ω)) :=
    match first F with
    | FirstFactored _ => ret (map (fun _ => First) (seq 0 N))
    | FirstJoint law _ => law_map (map Waiting) (law s)
    end.

  Definition hold (s : state F) (a : list (option A)) : dist (list (held A Ω)) :=
    match observe F with
    | Factored _ uses _ =>
        ret (map (fun i => After (if uses i s then nth i a None else None)) (seq 0 N))
    | Joint law _ => law_map (map Waiting) (law s a)
    end.

  Definition look (i : nat) (s : state F) (k : held A Ω) : dist (option Ω) :=
    match k, first F, observe F with
    | First, FirstFactored law, _ => law i s
    | After a, _, Factored law _ _ => law i s a
    | Waiting o, _, _ => ret o
    | _, _, _ => ret None
    end.

  Definition staged_initial : dist (state F * list (held A Ω)) :=
    s <- initial F;; ks <- first_slots s;; ret (s, ks).

  Lemma staged_initial_fits : always (fun sk => length (snd sk) = N) staged_initial.
  Proof.
    apply always_bind_any. intros s. apply always_bind with (P := fun ks => length ks = N).
    - unfold first_slots. destruct (first F) as [law | law fits].
      + apply always_ret. now rewrite map_length, seq_length.
      + eapply always_bind; [apply fits |]. intros os H. apply always_ret. now rewrite map_length.
    - intros ks H. now apply always_ret.
  Qed.

  Lemma hold_fits s a : always (fun ks => length ks = N) (hold s a).
  Proof.
    unfold hold. destruct (observe F) as [law uses sound | law fits].
    - apply always_ret. now rewrite map_length, seq_length.
    - eapply always_bind; [apply fits |]. intros os H. apply always_ret. now rewrite map_length.
  Qed.

  Definition staged : Staged.game A Ω :=
    Staged.Game (state F) (held A Ω) N staged_initial (transition F) (reward F) hold look
      (discount F) (terminal F) staged_initial_fits hold_fits.

  Definition to_aecg : Aecg.game A Ω := Staged.to_aecg staged.

  Definition project
    : list (Aecg.entry A Ω (Aecg.state to_aecg)) -> list (Posg.entry A Ω (state F)) :=
    Staged.project.

  (** ** The proof: both stages together draw what the POSG draws *)

  (** Looking into the slots one by one is an independent draw for each agent. *)
  Lemma look_each_slot s (slot : nat -> held A Ω) n : forall i,
    Staged.look_each staged i s (map slot (seq i n)) ≈ draw_each i n (fun j => look j s (slot j)).
  Proof.
    induction n as [|n IH]; intros i; [reflexivity |]. simpl.
    apply bind_ext. intros o. now rewrite IH.
  Qed.

  Lemma look_waiting s os : forall i, Staged.look_each staged i s (map Waiting os) ≈ ret os.
  Proof.
    induction os as [|o os IH]; intros i; [reflexivity |]. simpl.
    rewrite bind_ret_l, IH, bind_ret_l. reflexivity.
  Qed.

  Lemma draw_each_ext {X} (law law' : nat -> dist X) n :
    (forall i, law i ≈ law' i) -> forall i, draw_each i n law ≈ draw_each i n law'.
  Proof.
    intros H. induction n as [|n IH]; intros i; [reflexivity |]. simpl.
    apply bind_congruence; [apply H |]. intros x. now rewrite IH.
  Qed.

  Lemma first_law_staged s :
    first_law F s ≈ (ks <- first_slots s;; Staged.look_each staged 0 s ks).
  Proof.
    unfold first_law, first_slots. destruct (first F) as [law | law fits] eqn:Hfirst.
    - rewrite bind_ret_l, look_each_slot. apply draw_each_ext. intros i.
      unfold look. now rewrite Hfirst.
    - rewrite bind_law_map. rewrite <- (bind_ret_r (law s)) at 1.
      apply bind_ext. intros os. now rewrite look_waiting.
  Qed.

  Lemma observe_law_staged s a : observe_law F s a ≈ Staged.posg_observe staged s a.
  Proof.
    unfold observe_law, Staged.posg_observe. simpl. unfold hold.
    destruct (observe F) as [law uses sound | law fits] eqn:Hobserve.
    - rewrite bind_ret_l, look_each_slot. apply draw_each_ext. intros i.
      unfold look. rewrite Hobserve. destruct (first F); (destruct (uses i s) eqn:Huses;
        [reflexivity | now apply sound]).
    - rewrite bind_law_map. rewrite <- (bind_ret_r (law s a)) at 1.
      apply bind_ext. intros os. now rewrite look_waiting.
  Qed.

  Lemma staged_law π t : Posg.law (Staged.to_posg staged) π t ≈ Posg.law (to_posg F) π t.
  Proof.
    symmetry.
    apply (Posg.law_replaced (to_posg F) π (Staged.posg_initial staged) (Staged.posg_observe staged)
             (Staged.posg_initial_fits staged) (Staged.posg_observe_fits staged)).
    - unfold Staged.posg_initial. simpl. unfold posg_initial, staged_initial.
      rewrite bind_assoc. apply bind_ext. intros s.
      rewrite first_law_staged, !bind_assoc. apply bind_ext. intros ks.
      now rewrite bind_ret_l.
    - exact observe_law_staged.
  Qed.

  (** ** Theorem A, for every form of the observations *)
  Theorem theorem_A_forms π t :
    law_map project (Aecg.law to_aecg π (1 + t * (N + 1))) ≈ Posg.law (to_posg F) π t.
  Proof. rewrite <- staged_law. exact (StagedProof.theorem_A_staged staged π t). Qed.

  Theorem theorem_A_forms_returns π t i :
    Aecg.J to_aecg (1 + t * (N + 1)) π i == Posg.J (to_posg F) t π i.
  Proof.
    unfold Posg.J. rewrite <- (staged_law π t _).
    exact (StagedProof.theorem_A_staged_returns staged π t i).
  Qed.
End ToAecg.
