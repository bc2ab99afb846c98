(** * Agents: what they remember, how they choose

    [A] is the type of actions and [Ω] that of observations, one of each for all agents. Where the
    agents' own sets differ, these are their unions, and legality (below) says who may do what. *)

From Coq Require Import QArith List Setoid Morphisms PeanoNat.
From Equilibrist Require Import Dist.
Import ListNotations.

Section Agents.
  Context {A Ω : Type}.

  (** ** Histories and policies *)

  (** What an agent lives through: its own observations and its own actions. *)
  Inductive event := Saw (o : Ω) | Did (a : A).

  (** In the order of time. The agent forgets nothing. *)
  Definition history := list event.

  (** A behavioural policy: a law over actions for every history. *)
  Definition policy := history -> dist A.

  (** Agents are numbered from 0; numbers beyond the last agent are immaterial. *)
  Definition profile := nat -> policy.

  (** [deviate π i ρ]: agent [i] plays [ρ], the others play [π]. *)
  Definition deviate (π : profile) (i : nat) (ρ : policy) : profile :=
    fun j => if Nat.eqb j i then ρ else π j.

  (** An agent's turn. [None] is the null observation ⊥, and also the empty action ∅: an agent that
      sees ⊥ makes no choice and its history is unchanged. So ⊥ tells it nothing, not even that time
      has passed. Any other observation is remembered, then the choice is. *)
  Definition turn (ρ : policy) (h : history) (seen : option Ω) : dist (option A * history) :=
    match seen with
    | None => ret (None, h)
    | Some o =>
        let h' := h ++ [Saw o] in
        a <- ρ h';; ret (Some a, h' ++ [Did a])
    end.

  (** ** Legal actions *)

  (** [legal i o a]: agent [i] may choose [a] when its latest observation is [o]. *)
  Definition legal_policy (legal : nat -> Ω -> A -> bool) (i : nat) (ρ : policy) : Prop :=
    forall h o, always (fun a => legal i o a = true) (ρ (h ++ [Saw o])).
End Agents.
Arguments event : clear implicits.
Arguments history : clear implicits.
Arguments policy : clear implicits.
Arguments profile : clear implicits.

(** ** Lists with one entry per agent *)

(** [put i x l] is [l] with [x] in place [i]. *)
Fixpoint put {X} (i : nat) (x : X) (l : list X) : list X :=
  match l, i with
  | [], _ => []
  | _ :: rest, O => x :: rest
  | y :: rest, S i => y :: put i x rest
  end.

Lemma put_at {X} n (x y : X) l m : length l = n -> put n y (l ++ x :: m) = l ++ y :: m.
Proof. intros <-. induction l as [|z l IH]; simpl; [reflexivity | now rewrite IH]. Qed.

Lemma nth_at {X} n (x d : X) l m : length l = n -> nth n (l ++ x :: m) d = x.
Proof. intros <-. apply nth_middle. Qed.

Lemma nth_put {X} i (x d : X) l : (i < length l)%nat -> nth i (put i x l) d = x.
Proof.
  revert i. induction l as [|y l IH]; intros [|i] H; simpl in *; try reflexivity.
  - inversion H.
  - inversion H.
  - apply IH. now apply Nat.succ_lt_mono.
Qed.

Lemma length_put {X} i (x : X) l : length (put i x l) = length l.
Proof. revert i. induction l as [|y l IH]; intros [|i]; simpl; [reflexivity .. | now rewrite IH]. Qed.
