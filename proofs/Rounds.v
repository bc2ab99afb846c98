(** * Reading the record of an AECG round by round

    For an AECG in which the agents move in turn and the environment ends every round. [view] says
    which POSG state an AECG state stands for, if any. *)

From Coq Require Import QArith List Setoid Morphisms.
From Equilibrist Require Import Dist Runs Agents.
From Equilibrist Require Posg Aecg.
Import ListNotations.
Open Scope Q_scope.

Section Rounds.
  Context {A Ω X S : Type} (view : X -> option S).

  (** What the agents saw and did in their turns is gathered in [seen] and [did]; the environment's
      move completes the round and makes one entry of it. The move that draws the first state, and a
      round that is not complete, leave no entry. *)
  Fixpoint read_rounds (seen : list (option Ω)) (did : list (option A))
      (run : list (Aecg.entry A Ω X)) : list (Posg.entry A Ω S) :=
    match run with
    | [] => []
    | e :: rest =>
        match Aecg.who e with
        | Aecg.Agent _ => read_rounds (seen ++ [Aecg.seen e]) (did ++ [Aecg.did e]) rest
        | Aecg.Environment =>
            match view (Aecg.from e), view (Aecg.to e) with
            | Some s, Some s' =>
                Posg.Entry (Aecg.factor e) s seen did (Aecg.paid e) s' :: read_rounds [] [] rest
            | _, _ => read_rounds [] [] rest
            end
        end
    end.

  Definition by_rounds := read_rounds [] [].

  (** ** Gains *)

  (** A step that leaves no entry pays nothing to any of [n] agents. *)
  Definition pays_at_round_ends (n : nat) (e : Aecg.entry A Ω X) : Prop :=
    match Aecg.who e, view (Aecg.from e), view (Aecg.to e) with
    | Aecg.Environment, Some _, Some _ => True
    | _, _, _ => Aecg.paid e = repeat 0 n
    end.

  Lemma read_rounds_keeps_gains n i run : forall seen did,
    Forall (pays_at_round_ends n) run ->
    total (Posg.gain i) (read_rounds seen did run) == total (Aecg.gain i) run.
  Proof.
    induction run as [| [g x m o a r x' m'] run IH]; intros seen did H; [reflexivity |].
    inversion_clear H as [| ? ? He Hrun]. unfold pays_at_round_ends in He. simpl in *.
    assert (Hzero : r = repeat 0 n ->
      total (Aecg.gain i) run == g * nth i r 0 + total (Aecg.gain i) run).
    { intros ->. rewrite nth_repeat. ring. }
    destruct m as [| j]; [destruct (view x), (view x') |];
      simpl; rewrite IH by exact Hrun; try (apply Hzero; exact He).
    reflexivity.
  Qed.

  (** So equal laws of records give equal expected returns. *)
  Lemma same_returns n (mu : dist (list (Aecg.entry A Ω X))) (nu : dist (list (Posg.entry A Ω S))) i :
    law_map by_rounds mu ≈ nu -> always (Forall (pays_at_round_ends n)) mu ->
    E mu (total (Aecg.gain i)) == E nu (total (Posg.gain i)).
  Proof.
    intros H Hpays. rewrite <- (H _), E_law_map. symmetry.
    apply E_ext_always with (1 := Hpays). intros run Hrun.
    now apply read_rounds_keeps_gains with (n := n).
  Qed.
End Rounds.
