(** * Runs: the law of what happens in the first [t] steps of a random process

    A process has configurations [C] and draws, step by step, an entry of the record and the next
    configuration. It stops where [over] says so. *)

From Coq Require Import QArith List Setoid Morphisms.
From Equilibrist Require Import Dist.
Import ListNotations.
Open Scope Q_scope.

(** Multiplying by 1 does not even change how a rational is written. *)
Lemma times_one (q : Q) : q * 1 = q.
Proof. destruct q as [n d]. unfold Qmult. simpl. now rewrite Z.mul_1_r, Pos.mul_1_r. Qed.

Section Runs.
  Context {C Entry : Type} (over : C -> bool) (step : C -> dist (Entry * C)).

  (** The law of the record of at most [t] further steps from [c], in the order of time. *)
  Fixpoint runs (t : nat) (c : C) : dist (list Entry) :=
    match t with
    | O => ret []
    | S t => if over c then ret []
             else '(e, c') <- step c;; law_map (cons e) (runs t c')
    end.

  Lemma runs_over t c : over c = true -> runs t c = ret [].
  Proof. intros H. destruct t; simpl; [| rewrite H]; reflexivity. Qed.

  Lemma runs_step t c :
    over c = false -> runs (S t) c = ('(e, c') <- step c;; law_map (cons e) (runs t c')).
  Proof. intros H. simpl. now rewrite H. Qed.

  (** What holds of every entry, and is prepared by an invariant of the configurations. *)
  Lemma runs_always (I : C -> Prop) (P : Entry -> Prop) :
    (forall c, I c -> always (fun ec => P (fst ec) /\ I (snd ec)) (step c)) ->
    forall t c, I c -> always (Forall P) (runs t c).
  Proof.
    intros Hstep t. induction t as [|t IH]; intros c Hc; simpl; [now apply always_ret |].
    destruct (over c); [now apply always_ret |].
    eapply always_bind; [exact (Hstep c Hc) |]. intros [e c'] [He Hc'].
    eapply always_bind; [exact (IH c' Hc') |]. intros run Hrun.
    apply always_ret. now constructor.
  Qed.
End Runs.

(** The sum of a quantity over the entries of a record. *)
Fixpoint total {Entry} (value : Entry -> Q) (run : list Entry) : Q :=
  match run with
  | [] => 0
  | e :: rest => value e + total value rest
  end.

(** If the entries of a record, read one by one, have equal values, so have the records. *)
Lemma total_map {X Y} (f : X -> Y) (v : X -> Q) (w : Y -> Q) run :
  (forall x, w (f x) == v x) -> total w (map f run) == total v run.
Proof. intros H. induction run as [|x run IH]; simpl; [reflexivity | now rewrite H, IH]. Qed.

(** The expected total, step by step (Bellman's equation for a fixed profile). *)
Lemma expected_total_step {C Entry} (over : C -> bool) (step : C -> dist (Entry * C)) value t c :
  over c = false ->
  E (runs over step (S t) c) (total value) ==
  E (step c) (fun ec => value (fst ec) + E (runs over step t (snd ec)) (total value)).
Proof.
  intros H. rewrite (runs_step over step t c H), E_bind. apply E_ext. intros [e c'].
  rewrite E_law_map. simpl. now rewrite E_plus, E_const.
Qed.

Lemma expected_total_over {C Entry} (over : C -> bool) (step : C -> dist (Entry * C)) value t c :
  over c = true -> E (runs over step t c) (total value) == 0.
Proof. intros H. rewrite runs_over by exact H. apply (E_ret [] (total value)). Qed.
