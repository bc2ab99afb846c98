(** * Agent-environment cycle games (AECG)

    At each step exactly one moves: one agent, or the environment. An agent that is on the move
    receives its observation, chooses, and the state changes deterministically; the environment's
    move is random. Then the rewards of all agents and the next mover are drawn.
    Used as [Aecg.game], [Aecg.law], … *)

From Coq Require Import QArith List Setoid Morphisms.
From Equilibrist Require Import Dist Runs Agents.
Import ListNotations.
Open Scope Q_scope.

(** ** The game *)

Inductive mover := Environment | Agent (i : nat).

Definition mover_below (n : nat) (m : mover) : Prop :=
  match m with
  | Environment => True
  | Agent i => (i < n)%nat
  end.

Record game (A Ω : Type) := Game {
  state : Type;
  agents : nat;
  first_state : state;                                        (* s_0 *)
  first_mover : mover;                                        (* i_0 *)
  act : nat -> state -> option A -> state;                    (* T^i(s, a), deterministic *)
  nature : state -> dist state;                               (* P(s' | s) *)
  observe : nat -> state -> dist (option Ω);                  (* O^i(ω | s) *)
  reward : state -> mover -> option A -> state -> dist (list Q);  (* R(r | s, j, a, s') *)
  next : state -> mover -> option A -> dist mover;            (* V(j' | s, j, a) *)
  discount : state -> Q;                                      (* γ(s), of the state left *)
  terminal : state -> bool;
  first_mover_fits : mover_below agents first_mover;
  next_fits : forall s m a, always (mover_below agents) (next s m a)
}.
Arguments Game {A Ω}.
Arguments state {A Ω}.
Arguments agents {A Ω}.
Arguments first_state {A Ω}.
Arguments first_mover {A Ω}.
Arguments act {A Ω}.
Arguments nature {A Ω}.
Arguments observe {A Ω}.
Arguments reward {A Ω}.
Arguments next {A Ω}.
Arguments discount {A Ω}.
Arguments terminal {A Ω}.
Arguments first_mover_fits {A Ω}.
Arguments next_fits {A Ω}.

(** ** The record of a run *)

(** One step: who moved, what it saw and did (both [None] for the environment), who moves next. *)
Record entry (A Ω S : Type) := Entry {
  factor : Q;
  from : S;
  who : mover;
  seen : option Ω;
  did : option A;
  paid : list Q;
  to : S;
  next_mover : mover
}.
Arguments Entry {A Ω S}.
Arguments factor {A Ω S}.
Arguments from {A Ω S}.
Arguments who {A Ω S}.
Arguments seen {A Ω S}.
Arguments did {A Ω S}.
Arguments paid {A Ω S}.
Arguments to {A Ω S}.
Arguments next_mover {A Ω S}.

(** ** Play *)

(** Where play stands: Γ, the state, who is on the move, all histories. *)
Record config (A Ω S : Type) := Config {
  gamma : Q;
  now : S;
  turn_of : mover;
  histories : list (history A Ω)
}.
Arguments Config {A Ω S}.
Arguments gamma {A Ω S}.
Arguments now {A Ω S}.
Arguments turn_of {A Ω S}.
Arguments histories {A Ω S}.

Section Play.
  Context {A Ω : Type} (G : game A Ω) (π : profile A Ω).

  (** The move itself: what the mover saw and did, the new state, the new histories. *)
  Definition move (c : config A Ω (state G))
    : dist (option Ω * option A * state G * list (history A Ω)) :=
    match turn_of c with
    | Environment => s' <- nature G (now c);; ret (None, None, s', histories c)
    | Agent i =>
        o <- observe G i (now c);;
        '(a, h') <- turn (π i) (nth i (histories c) []) o;;
        ret (o, a, act G i (now c) a, put i h' (histories c))
    end.

  Definition step (c : config A Ω (state G))
    : dist (entry A Ω (state G) * config A Ω (state G)) :=
    '(o, a, s', hs') <- move c;;
    r <- reward G (now c) (turn_of c) a s';;
    m' <- next G (now c) (turn_of c) a;;
    ret (Entry (gamma c) (now c) (turn_of c) o a r s' m',
         Config (gamma c * discount G (now c)) s' m' hs').

  Definition over (c : config A Ω (state G)) : bool := terminal G (now c).

  Definition play := runs over step.

  Definition start : config A Ω (state G) :=
    Config 1 (first_state G) (first_mover G) (repeat [] (agents G)).

  (** The law of the record of the first [t] steps. *)
  Definition law (t : nat) : dist (list (entry A Ω (state G))) := play t start.
End Play.

(** ** Values *)

Definition gain {A Ω S} (i : nat) (e : entry A Ω S) : Q := factor e * nth i (paid e) 0.

Definition J {A Ω} (G : game A Ω) (t : nat) (π : profile A Ω) (i : nat) : Q :=
  E (law G π t) (total (gain i)).

(** ** What every record satisfies *)

Section Facts.
  Context {A Ω : Type} (G : game A Ω) (π : profile A Ω).

  (** The mover exists, and the environment neither sees nor chooses. *)
  Definition well_formed {S} (e : entry A Ω S) : Prop :=
    mover_below (agents G) (who e) /\
    (who e = Environment -> seen e = None /\ did e = None).

  Lemma step_well_formed c :
    mover_below (agents G) (turn_of c) ->
    always (fun ec => well_formed (fst ec) /\ mover_below (agents G) (turn_of (snd ec))) (step G π c).
  Proof.
    intros Hc. unfold step.
    apply always_bind with
      (P := fun x => turn_of c = Environment -> fst (fst (fst x)) = None /\ snd (fst (fst x)) = None).
    - unfold move. destruct (turn_of c) as [| i].
      + apply always_bind_any. intros s'. now apply always_ret.
      + apply always_bind_any. intros o. apply always_bind_any. intros [a h'].
        apply always_ret. discriminate.
    - intros [[[o a] s'] hs'] H. simpl in H. apply always_bind_any. intros r.
      eapply always_bind; [apply next_fits |]. intros m' Hm'.
      apply always_ret. unfold well_formed. simpl. auto.
  Qed.

  Lemma law_well_formed t : always (Forall well_formed) (law G π t).
  Proof.
    apply runs_always with (I := fun c => mover_below (agents G) (turn_of c)).
    - exact step_well_formed.
    - exact (first_mover_fits G).
  Qed.
End Facts.
