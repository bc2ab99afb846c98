(** * Partially observable stochastic games (POSG)

    All agents act at once. In a step from [s] every agent has its turn, the joint action [a] is the
    list of what they did; then the state [s'], the rewards and the next observations are drawn.
    States, actions and observations may be of any type. Used as [Posg.game], [Posg.law], … *)

From Coq Require Import QArith List Setoid Morphisms.
From Equilibrist Require Import Dist Runs Agents.
Import ListNotations.
Open Scope Q_scope.

(** ** The game *)

Record game (A Ω : Type) := Game {
  state : Type;
  agents : nat;
  initial : dist (state * list (option Ω));                      (* ρ0 with the first observations *)
  transition : state -> list (option A) -> dist state;           (* P(s' | s, a) *)
  reward : state -> list (option A) -> state -> dist (list Q);   (* R(r | s, a, s'), jointly *)
  observe : state -> list (option A) -> dist (list (option Ω));  (* O(ω | s', a), jointly *)
  discount : state -> Q;                                         (* γ(s), of the state left *)
  terminal : state -> bool;
  initial_fits : always (fun so => length (snd so) = agents) initial;
  observe_fits : forall s a, always (fun os => length os = agents) (observe s a)
}.
Arguments Game {A Ω}.
Arguments state {A Ω}.
Arguments agents {A Ω}.
Arguments initial {A Ω}.
Arguments transition {A Ω}.
Arguments reward {A Ω}.
Arguments observe {A Ω}.
Arguments discount {A Ω}.
Arguments terminal {A Ω}.
Arguments initial_fits {A Ω}.
Arguments observe_fits {A Ω}.

(** ** The record of a run *)

(** One step of play. [factor] is Γ, the product of the discounts of the states left before. *)
Record entry (A Ω S : Type) := Entry {
  factor : Q;
  from : S;
  seen : list (option Ω);
  joint : list (option A);
  paid : list Q;
  to : S
}.
Arguments Entry {A Ω S}.
Arguments factor {A Ω S}.
Arguments from {A Ω S}.
Arguments seen {A Ω S}.
Arguments joint {A Ω S}.
Arguments paid {A Ω S}.
Arguments to {A Ω S}.

(** ** Play *)

(** Where play stands: Γ, the state, all histories, and the observations not yet acted on. *)
Record config (A Ω S : Type) := Config {
  gamma : Q;
  now : S;
  histories : list (history A Ω);
  pending : list (option Ω)
}.
Arguments Config {A Ω S}.
Arguments gamma {A Ω S}.
Arguments now {A Ω S}.
Arguments histories {A Ω S}.
Arguments pending {A Ω S}.

Section Play.
  Context {A Ω : Type}.

  (** The turns of the agents [i], [i+1], …: their joint action and their histories after it. *)
  Fixpoint turns (π : profile A Ω) (i : nat) (hs : list (history A Ω)) (os : list (option Ω))
    : dist (list (option A) * list (history A Ω)) :=
    match hs, os with
    | h :: hs, o :: os =>
        '(a, h') <- turn (π i) h o;;
        '(joint, hs') <- turns π (S i) hs os;;
        ret (a :: joint, h' :: hs')
    | _, _ => ret ([], [])
    end.

  Context (G : game A Ω) (π : profile A Ω).

  Definition step (c : config A Ω (state G))
    : dist (entry A Ω (state G) * config A Ω (state G)) :=
    '(a, hs') <- turns π 0 (histories c) (pending c);;
    s' <- transition G (now c) a;;
    r <- reward G (now c) a s';;
    os' <- observe G s' a;;
    ret (Entry (gamma c) (now c) (pending c) a r s',
         Config (gamma c * discount G (now c)) s' hs' os').

  Definition over (c : config A Ω (state G)) : bool := terminal G (now c).

  Definition play := runs over step.

  Definition start (so : state G * list (option Ω)) : config A Ω (state G) :=
    Config 1 (fst so) (repeat [] (agents G)) (snd so).

  (** The law of the record of the first [t] steps. *)
  Definition law (t : nat) : dist (list (entry A Ω (state G))) :=
    so <- initial G;; play t (start so).
End Play.

(** ** Values *)

(** What agent [i] gets in one step, discounted: [Γ · r^i]. *)
Definition gain {A Ω S} (i : nat) (e : entry A Ω S) : Q := factor e * nth i (paid e) 0.

(** The expected discounted return of agent [i] over [t] steps. *)
Definition J {A Ω} (G : game A Ω) (t : nat) (π : profile A Ω) (i : nat) : Q :=
  E (law G π t) (total (gain i)).

(** ** One entry per agent *)

Lemma turns_fit {A Ω} (π : profile A Ω) os : forall i hs,
  length hs = length os ->
  always (fun ah => length (fst ah) = length os /\ length (snd ah) = length os) (turns π i hs os).
Proof.
  induction os as [|o os IH]; intros i [|h hs] Hlen; simpl in *; try discriminate.
  - now apply always_ret.
  - injection Hlen as Hlen. apply always_bind_any. intros [a h'].
    eapply always_bind; [apply (IH (S i) hs Hlen) |]. intros [joint hs'] [H1 H2].
    apply always_ret. simpl in *. now rewrite H1, H2.
Qed.

(** ** Equal observation laws give equal laws of play *)

Section EqualObservations.
  Context {A Ω : Type} (G : game A Ω) (π : profile A Ω).
  Context (initial' : dist (state G * list (option Ω))).
  Context (observe' : state G -> list (option A) -> dist (list (option Ω))).
  Context (fits : always (fun so => length (snd so) = agents G) initial').
  Context (fits' : forall s a, always (fun os => length os = agents G) (observe' s a)).
  Context (same_initial : initial G ≈ initial').
  Context (same_observe : forall s a, observe G s a ≈ observe' s a).

  Definition replaced : game A Ω :=
    Game (state G) (agents G) initial' (transition G) (reward G) observe' (discount G) (terminal G)
      fits fits'.

  Lemma step_replaced c : step G π c ≈ step replaced π c.
  Proof.
    unfold step. simpl. apply bind_ext. intros [a hs'].
    apply bind_ext. intros s'. apply bind_ext. intros r. now rewrite same_observe.
  Qed.

  Lemma play_replaced t : forall c, play G π t c ≈ play replaced π t c.
  Proof.
    induction t as [|t IH]; intros c; [reflexivity |]. unfold play, over. simpl.
    destruct (terminal G (now c)); [reflexivity |].
    apply bind_congruence; [apply step_replaced |]. intros [e c'].
    apply law_map_proper, IH.
  Qed.

  Lemma law_replaced t : law G π t ≈ law replaced π t.
  Proof. apply bind_congruence; [exact same_initial |]. intros so. apply play_replaced. Qed.
End EqualObservations.
