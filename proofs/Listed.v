(** * Games written as lists

    The form in which another program hands a game to the conversions: every law is a row of
    weights, found by a key, the numbers of states, agents and actions. Nothing in the theorems rests
    on this file. *)

From Coq Require Import QArith List Bool PeanoNat.
From Equilibrist Require Import Dist Agents AecgToPosg Tables.
From Equilibrist Require Posg Aecg Forms.
Import ListNotations.
Open Scope Q_scope.

(** ** Rows *)

Definition same_key : list nat -> list nat -> bool := list_eqb Nat.eqb.

Fixpoint entry_at {X} (other : X) (entries : list (list nat * X)) (key : list nat) : X :=
  match entries with
  | [] => other
  | (k, x) :: rest => if same_key k key then x else entry_at other rest key
  end.

Definition rows (X : Type) : Type := list (list nat * list (X * Q)).

(** The law in the row of a key. Where there is no such row, or it is no law: [other], for sure. *)
Definition law_at {X} (other : X) (table : rows X) (key : list nat) : dist X :=
  let row := entry_at [] table key in
  match bool_dec (is_law row) true with
  | left ok => law_of row ok
  | right _ => ret other
  end.

(** An agent that makes no choice is listed as if it did 0. *)
Definition number (a : option nat) : nat := match a with Some a => a | None => O end.

(** ** A POSG *)

(** Cut or filled up to [n] entries; a list of [n] entries stays as it is. *)
Definition fit (n : nat) (os : list (option nat)) : list (option nat) := firstn n (os ++ repeat None n).

Lemma fit_fits n mu : always (fun os => length os = n) (law_map (fit n) mu).
Proof.
  apply always_bind_any. intros os. apply always_ret. unfold fit.
  now rewrite firstn_length, app_length, repeat_length, Nat.min_l by apply Nat.le_add_l.
Qed.

(** Keys: agent, state reached, own action. An agent outside [users] sees the same whatever it did. *)
Definition factored_law (table : rows (option nat)) (users : list nat) (i s : nat) (a : option nat) :=
  law_at None table [i; s; if existsb (Nat.eqb i) users then number a else O].

Lemma factored_sound table users i s a :
  existsb (Nat.eqb i) users = false ->
  factored_law table users i s a ≈ factored_law table users i s None.
Proof. intros H. unfold factored_law. rewrite H. reflexivity. Qed.

Definition factored n table users : Forms.observations n nat nat nat :=
  Forms.Factored (factored_law table users) (fun i _ => existsb (Nat.eqb i) users)
    (factored_sound table users).

(** Keys: state reached, joint action. *)
Definition joint n (table : rows (list (option nat))) : Forms.observations n nat nat nat :=
  Forms.Joint (fun s a => law_map (fit n) (law_at [] table (s :: map number a)))
    (fun _ _ => fit_fits n _).

(** Keys: agent, state. *)
Definition first_factored n (table : rows (option nat)) : Forms.first_observations n nat nat :=
  Forms.FirstFactored (fun i s => law_at None table [i; s]).

(** Keys: state. *)
Definition first_joint n (table : rows (list (option nat))) : Forms.first_observations n nat nat :=
  Forms.FirstJoint (fun s => law_map (fit n) (law_at [] table [s])) (fun _ => fit_fits n _).

(** Keys of the initial law: none; of the transition: state, joint action; of the reward: state,
    state reached, joint action. A missing row leads to a state that the game does not have. *)
Definition listed_posg n (initial : rows nat) first (transition : rows nat) (reward : rows (list Q))
    observe (discount : list Q) (terminal : list bool) : Forms.game nat nat :=
  let nowhere := length discount in
  Forms.Game nat n (law_at nowhere initial []) first
    (fun s a => law_at nowhere transition (s :: map number a))
    (fun s a s' => law_at [] reward (s :: s' :: map number a))
    observe (fun s => nth s discount 0) (fun s => nth s terminal false).

(** ** An AECG *)

Definition known_mover (n : nat) (m : Aecg.mover) : Aecg.mover :=
  match m with
  | Aecg.Agent i => if Nat.ltb i n then m else Aecg.Environment
  | Aecg.Environment => m
  end.

Lemma known_mover_below n m : Aecg.mover_below n (known_mover n m).
Proof.
  destruct m as [| i]; simpl; [exact I |].
  destruct (Nat.ltb_spec i n); simpl; auto.
Qed.

Lemma known_mover_fits n mu : always (Aecg.mover_below n) (law_map (known_mover n) mu).
Proof. apply always_bind_any. intros m. apply always_ret, known_mover_below. Qed.

(** The environment is mover number [n]. *)
Definition mover_number (n : nat) (m : Aecg.mover) : nat :=
  match m with
  | Aecg.Agent i => i
  | Aecg.Environment => n
  end.

(** Keys of [act]: agent, state, action; of [nature]: state; of [observe]: agent, state; of [reward]:
    mover, state, action, state reached; of [next]: mover, state, action. *)
Definition listed_aecg n (first_state : nat) (first_mover : Aecg.mover)
    (act : list (list nat * nat)) (nature : rows nat) (observe : rows (option nat))
    (reward : rows (list Q)) (next : rows Aecg.mover) (discount : list Q) (terminal : list bool)
  : Aecg.game nat nat :=
  let nowhere := length discount in
  Aecg.Game nat n first_state (known_mover n first_mover)
    (fun i s a => entry_at nowhere act [i; s; number a])
    (fun s => law_at nowhere nature [s])
    (fun i s => law_at None observe [i; s])
    (fun s m a s' => law_at [] reward [mover_number n m; s; number a; s'])
    (fun s m a => law_map (known_mover n) (law_at Aecg.Environment next [mover_number n m; s; number a]))
    (fun s => nth s discount 0) (fun s => nth s terminal false)
    (known_mover_below n first_mover) (fun _ _ _ => known_mover_fits n _).

(** ** The conversions of listed games, written out *)

Section WrittenOut.
  Context (G : Aecg.game nat nat) (eqs : Aecg.state G -> Aecg.state G -> bool).

  (** How many actions each agent has; the keys (agent, observation, action) that are not legal. *)
  Context (counts : list nat) (illegal : list (list nat)).

  Definition actions (i : nat) : list nat := seq 0 (nth i counts O).
  Definition legal (i o a : nat) : bool := negb (existsb (same_key [i; o; a]) illegal).
  Definition reached := reachable G eqs Nat.eqb actions legal (10 ^ 5).

  (** Every state with its row. *)
  Definition aecg_rows := map (fun x => (x, row G eqs Nat.eqb actions legal x)) reached.

  (** The same for the POSG made from the AECG, with its opening. *)
  Definition posg_opening :=
    table (pair_eqb (pair_eqb eqs mover_eqb) (list_eqb (option_eqb Nat.eqb))) (Posg.initial (to_posg G)).
  Definition posg_rows := map (fun x => (x, posg_row G eqs Nat.eqb actions legal x)) reached.
End WrittenOut.

(** Equality of the states that a listed POSG's AECG has. *)
Definition turn_eqb := in_turn_eqb Nat.eqb (held_eqb Nat.eqb Nat.eqb) Nat.eqb.
