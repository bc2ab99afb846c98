(** * Observations in two stages, and the turn-by-turn AECG

    A POSG draws the observations of all agents at once. An AECG draws one on each agent's turn, so
    its state must hold, until then, whatever that draw still needs: here, one slot for every agent.
    A game is written in two stages by saying what is drawn with the state and goes into the slots
    ([hold]), and what is drawn from a slot on the agent's turn ([look]). If observations are
    correlated, [hold] draws them and [look] does nothing; if they are independent, [hold] keeps the
    agents' actions and [look] draws. Used as [Staged.game], [Staged.to_aecg], … *)

From Coq Require Import QArith List Setoid Morphisms PeanoNat.
From Equilibrist Require Import Dist Runs Agents Rounds.
From Equilibrist Require Posg Aecg.
Import ListNotations.
Open Scope Q_scope.

(** ** The game *)

Record game (A Ω : Type) := Game {
  state : Type;
  held : Type;                                                  (* what a slot can hold *)
  agents : nat;
  initial : dist (state * list held);                           (* the first state and slots *)
  transition : state -> list (option A) -> dist state;          (* P(s' | s, a) *)
  reward : state -> list (option A) -> state -> dist (list Q);  (* R(r | s, a, s'), jointly *)
  hold : state -> list (option A) -> dist (list held);          (* the slots, given s' and a *)
  look : nat -> state -> held -> dist (option Ω);               (* what agent i sees in its slot *)
  discount : state -> Q;
  terminal : state -> bool;
  initial_fits : always (fun sk => length (snd sk) = agents) initial;
  hold_fits : forall s a, always (fun ks => length ks = agents) (hold s a)
}.
Arguments Game {A Ω}.
Arguments state {A Ω}.
Arguments held {A Ω}.
Arguments agents {A Ω}.
Arguments initial {A Ω}.
Arguments transition {A Ω}.
Arguments reward {A Ω}.
Arguments hold {A Ω}.
Arguments look {A Ω}.
Arguments discount {A Ω}.
Arguments terminal {A Ω}.
Arguments initial_fits {A Ω}.
Arguments hold_fits {A Ω}.

(** ** The POSG that it is: both stages at once *)

Section ToPosg.
  Context {A Ω : Type} (G : game A Ω).

  (** The agents from [i] on look into their slots, independently. *)
  Fixpoint look_each (i : nat) (s : state G) (ks : list (held G)) : dist (list (option Ω)) :=
    match ks with
    | [] => ret []
    | k :: rest => o <- look G i s k;; os <- look_each (S i) s rest;; ret (o :: os)
    end.

  Definition posg_initial : dist (state G * list (option Ω)) :=
    '(s, ks) <- initial G;; os <- look_each 0 s ks;; ret (s, os).

  Definition posg_observe (s : state G) (a : list (option A)) : dist (list (option Ω)) :=
    ks <- hold G s a;; look_each 0 s ks.

  Lemma look_each_fits s ks : forall i,
    always (fun os => length os = length ks) (look_each i s ks).
  Proof.
    induction ks as [|k ks IH]; intros i; simpl; [now apply always_ret |].
    apply always_bind_any. intros o. eapply always_bind; [apply IH |]. intros os H.
    apply always_ret. simpl. now rewrite H.
  Qed.

  Lemma posg_initial_fits : always (fun so => length (snd so) = agents G) posg_initial.
  Proof.
    eapply always_bind; [apply initial_fits |]. intros [s ks] Hks. simpl in Hks.
    eapply always_bind; [apply look_each_fits |]. intros os Hos. apply always_ret. simpl in *.
    congruence.
  Qed.

  Lemma posg_observe_fits s a : always (fun os => length os = agents G) (posg_observe s a).
  Proof.
    eapply always_bind; [apply hold_fits |]. intros ks Hks.
    eapply always_impl; [apply look_each_fits |]. intros os Hos. simpl in *. congruence.
  Qed.

  Definition to_posg : Posg.game A Ω :=
    Posg.Game (state G) (agents G) posg_initial (transition G) (reward G) posg_observe
      (discount G) (terminal G) posg_initial_fits posg_observe_fits.
End ToPosg.

(** ** The AECG: the agents move in turn, 0, 1, …, N-1, then the environment

    Until an agent moves, its slot is as it was filled; afterwards it holds the agent's new action,
    which the environment reads. *)

Inductive slot (K A : Type) := Held (k : K) | Chosen (a : option A).
Arguments Held {K A}.
Arguments Chosen {K A}.

Definition chosen {K A} (slots : list (slot K A)) : list (option A) :=
  map (fun x => match x with Chosen a => a | Held _ => None end) slots.

(** [Start] comes before the first round: the environment draws the first state there. *)
Inductive in_turn (S K A : Type) :=
| Start
| Round (s : S) (slots : list (slot K A)) (m : Aecg.mover).
Arguments Start {S K A}.
Arguments Round {S K A}.

(** The POSG state that an AECG state stands for. *)
Definition view {S K A} (x : in_turn S K A) : option S :=
  match x with
  | Start => None
  | Round s _ _ => Some s
  end.

(** Records of the AECG, read as records of the POSG. *)
Definition project {A Ω S K} : list (Aecg.entry A Ω (in_turn S K A)) -> list (Posg.entry A Ω S) :=
  by_rounds view.

Section ToAecg.
  Context {A Ω : Type} (G : game A Ω).

  Notation N := (agents G).

  Definition aecg_state : Type := in_turn (state G) (held G) A.

  (** The fixed order: after the agents below [i] have moved, agent [i] moves, if there is one. *)
  Definition mover_at (i : nat) : Aecg.mover :=
    if Nat.ltb i N then Aecg.Agent i else Aecg.Environment.

  Definition round (s : state G) (ks : list (held G)) : aecg_state :=
    Round s (map Held ks) (mover_at 0).

  Definition act (i : nat) (x : aecg_state) (a : option A) : aecg_state :=
    match x with
    | Start => Start
    | Round s slots _ => Round s (put i (Chosen a) slots) (mover_at (S i))
    end.

  Definition nature (x : aecg_state) : dist aecg_state :=
    match x with
    | Start => '(s, ks) <- initial G;; ret (round s ks)
    | Round s slots _ =>
        s' <- transition G s (chosen slots);;
        ks <- hold G s' (chosen slots);;
        ret (round s' ks)
    end.

  Definition observe (i : nat) (x : aecg_state) : dist (option Ω) :=
    match x with
    | Start => ret None
    | Round s slots _ =>
        match nth i slots (Chosen None) with
        | Held k => look G i s k
        | Chosen _ => ret None
        end
    end.

  (** Rewards are paid on the environment's move; nothing is paid before. *)
  Definition aecg_reward (x : aecg_state) (m : Aecg.mover) (_ : option A) (x' : aecg_state)
    : dist (list Q) :=
    match m, x, x' with
    | Aecg.Environment, Round s slots _, Round s' _ _ => reward G s (chosen slots) s'
    | _, _, _ => ret (repeat 0 N)
    end.

  Definition next (_ : aecg_state) (m : Aecg.mover) (_ : option A) : dist Aecg.mover :=
    match m with
    | Aecg.Environment => ret (mover_at 0)
    | Aecg.Agent i => ret (mover_at (S i))
    end.

  (** A round is discounted once, on the environment's move. *)
  Definition aecg_discount (x : aecg_state) : Q :=
    match x with
    | Round s _ Aecg.Environment => discount G s
    | _ => 1
    end.

  Definition aecg_terminal (x : aecg_state) : bool :=
    match x with
    | Start => false
    | Round s _ _ => terminal G s
    end.

  Lemma next_fits x m a : always (Aecg.mover_below N) (next x m a).
  Proof.
    assert (H : forall i, Aecg.mover_below N (mover_at i)).
    { intros i. unfold mover_at. destruct (Nat.ltb_spec i N); simpl; auto. }
    destruct m; simpl; now apply always_ret.
  Qed.

  Definition to_aecg : Aecg.game A Ω :=
    Aecg.Game aecg_state N Start Aecg.Environment act nature observe aecg_reward next
      aecg_discount aecg_terminal I next_fits.
End ToAecg.
