(** * Writing a game out

    The conversions are programs; here is what it takes to run them: the states that can be reached
    and, for each of them, the laws of the game as tables. Nothing in the theorems rests on this
    file. It serves to set the conversions beside those of the Python code, game by game. *)

From Coq Require Import QArith List Bool PeanoNat.
From Equilibrist Require Import Dist Agents AecgToPosg.
From Equilibrist Require Posg Aecg Staged Forms.
Import ListNotations.
Open Scope Q_scope.

(** ** A law as a table: every value once, weights in lowest terms, no zero weights *)

Section Table.
  Context {X : Type} (eqb : X -> X -> bool).

  Fixpoint add (x : X) (w : Q) (l : list (X * Q)) : list (X * Q) :=
    match l with
    | [] => [(x, Qred w)]
    | (y, v) :: rest => if eqb x y then (y, Qred (v + w)) :: rest else (y, v) :: add x w rest
    end.

  Fixpoint merge (l : list (X * Q)) (acc : list (X * Q)) : list (X * Q) :=
    match l with
    | [] => acc
    | (x, w) :: rest => merge rest (if Qeq_bool w 0 then acc else add x w acc)
    end.

  Definition table (mu : dist X) : list (X * Q) := merge (atoms mu) [].

  (** A table has the expectations of its law. *)
  Context (eqb_sound : forall x y, eqb x y = true -> x = y).

  Local Arguments Qred : simpl never.

  Lemma add_sum x w l f : weighted_sum (add x w l) f == w * f x + weighted_sum l f.
  Proof.
    induction l as [| [y v] l IH]; simpl; [rewrite Qred_correct; ring |].
    destruct (eqb x y) eqn:Hxy; simpl; [| rewrite IH; ring].
    apply eqb_sound in Hxy as ->. rewrite Qred_correct. ring.
  Qed.

  Lemma merge_sum l : forall acc f,
    weighted_sum (merge l acc) f == weighted_sum l f + weighted_sum acc f.
  Proof.
    induction l as [| [x w] l IH]; intros acc f; simpl; [ring |].
    rewrite IH. destruct (Qeq_bool w 0) eqn:Hw.
    - apply Qeq_bool_eq in Hw. rewrite Hw. ring.
    - rewrite add_sum. ring.
  Qed.

  Lemma table_sound mu f : weighted_sum (table mu) f == E mu f.
  Proof. unfold table. rewrite merge_sum. simpl. apply Qplus_0_r. Qed.

  (** ** What can be reached, breadth first, visiting at most [fuel] times *)

  Fixpoint explore (successors : X -> list X) (fuel : nat) (todo done : list X) : list X :=
    match fuel, todo with
    | O, _ | _, [] => rev done
    | S fuel, x :: rest =>
        if existsb (eqb x) done then explore successors fuel rest done
        else explore successors fuel (rest ++ successors x) (x :: done)
    end.
End Table.

Definition values {X} (mu : dist X) : list X := map fst (atoms mu).

(** ** Equality tests *)

Definition option_eqb {X} (eqb : X -> X -> bool) (x y : option X) : bool :=
  match x, y with
  | None, None => true
  | Some x, Some y => eqb x y
  | _, _ => false
  end.

Fixpoint list_eqb {X} (eqb : X -> X -> bool) (l m : list X) : bool :=
  match l, m with
  | [], [] => true
  | x :: l, y :: m => eqb x y && list_eqb eqb l m
  | _, _ => false
  end.

Definition pair_eqb {X Y} (eqx : X -> X -> bool) (eqy : Y -> Y -> bool) (p q : X * Y) : bool :=
  eqx (fst p) (fst q) && eqy (snd p) (snd q).

Definition mover_eqb (m n : Aecg.mover) : bool :=
  match m, n with
  | Aecg.Environment, Aecg.Environment => true
  | Aecg.Agent i, Aecg.Agent j => Nat.eqb i j
  | _, _ => false
  end.

Definition slot_eqb {K A} (eqk : K -> K -> bool) (eqa : A -> A -> bool)
    (x y : Staged.slot K A) : bool :=
  match x, y with
  | Staged.Held k, Staged.Held k' => eqk k k'
  | Staged.Chosen a, Staged.Chosen a' => option_eqb eqa a a'
  | _, _ => false
  end.

Definition in_turn_eqb {S K A} (eqs : S -> S -> bool) (eqk : K -> K -> bool) (eqa : A -> A -> bool)
    (x y : Staged.in_turn S K A) : bool :=
  match x, y with
  | Staged.Start, Staged.Start => true
  | Staged.Round s slots m, Staged.Round s' slots' m' =>
      eqs s s' && list_eqb (slot_eqb eqk eqa) slots slots' && mover_eqb m m'
  | _, _ => false
  end.

(** What a slot holds, in the conversion of Forms.v. *)
Definition held_eqb {A Ω} (eqa : A -> A -> bool) (eqo : Ω -> Ω -> bool) (x y : Forms.held A Ω) : bool :=
  match x, y with
  | Forms.First, Forms.First => true
  | Forms.After a, Forms.After a' => option_eqb eqa a a'
  | Forms.Waiting o, Forms.Waiting o' => option_eqb eqo o o'
  | _, _ => false
  end.

(** ** An AECG, state by state *)

Section Aecg.
  Context {A Ω : Type} (G : Aecg.game A Ω).
  Context (eqs : Aecg.state G -> Aecg.state G -> bool) (eqo : Ω -> Ω -> bool).

  (** The actions of each agent, and which of them are legal after an observation. *)
  Context (actions : nat -> list A) (legal : nat -> Ω -> A -> bool).

  (** What the mover may do. *)
  Definition choices (x : Aecg.state G * Aecg.mover) : list (option A) :=
    match snd x with
    | Aecg.Environment => [None]
    | Aecg.Agent i =>
        flat_map
          (fun o => match o with
                    | None => [None]
                    | Some o => map Some (filter (legal i o) (actions i))
                    end)
          (map fst (table (option_eqb eqo) (Aecg.observe G i (fst x))))
    end.

  (** The law of (s', rewards, next mover) when the mover does [a]. *)
  Definition outcome (x : Aecg.state G * Aecg.mover) (a : option A)
    : dist (Aecg.state G * list Q * Aecg.mover) :=
    let (s, m) := x in
    s' <- match m with
          | Aecg.Environment => Aecg.nature G s
          | Aecg.Agent i => ret (Aecg.act G i s a)
          end;;
    r <- Aecg.reward G s m a s';;
    m' <- Aecg.next G s m a;;
    ret (s', r, m').

  Definition successors (x : Aecg.state G * Aecg.mover) : list (Aecg.state G * Aecg.mover) :=
    if Aecg.terminal G (fst x) then []
    else flat_map (fun a => map (fun y => (fst (fst y), snd y)) (values (outcome x a))) (choices x).

  Definition reachable (fuel : nat) : list (Aecg.state G * Aecg.mover) :=
    explore (pair_eqb eqs mover_eqb) successors fuel [(Aecg.first_state G, Aecg.first_mover G)] [].

  (** A state of an AECG, written out: discount, end of play, what the mover sees, what its choices
      lead to. *)
  Definition outcome_table x a :=
    table (pair_eqb (pair_eqb eqs (list_eqb Qeq_bool)) mover_eqb) (outcome x a).

  Definition row (x : Aecg.state G * Aecg.mover) :=
    (Aecg.discount G (fst x), Aecg.terminal G (fst x),
     match snd x with
     | Aecg.Environment => []
     | Aecg.Agent i => table (option_eqb eqo) (Aecg.observe G i (fst x))
     end,
     map (fun a => (a, outcome_table x a)) (choices x)).

  (** A state of the POSG made from it, written out in the same way: discount, end of play, what the
      agents see on reaching it, what the mover's choices lead to. *)
  Definition posg_outcome (x : Aecg.state G * Aecg.mover) (a : option A)
    : dist (Aecg.state G * Aecg.mover * list Q) :=
    let joint := place (Aecg.agents G) (snd x) a in
    x' <- Posg.transition (to_posg G) x joint;;
    r <- Posg.reward (to_posg G) x joint x';;
    ret (x', r).

  Definition posg_row (x : Aecg.state G * Aecg.mover) :=
    (Posg.discount (to_posg G) x, Posg.terminal (to_posg G) x,
     table (list_eqb (option_eqb eqo)) (show G x),
     map (fun a => (a, table (pair_eqb (pair_eqb eqs mover_eqb) (list_eqb Qeq_bool))
                         (posg_outcome x a)))
       (choices x)).
End Aecg.
