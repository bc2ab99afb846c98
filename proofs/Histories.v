(** * Histories are what the record says

    The histories that play keeps, and on which the policies act, hold exactly the agent's own
    non-null observations and own actions, in order: they can be read off the record. *)

From Coq Require Import QArith List Setoid Morphisms PeanoNat.
From Equilibrist Require Import Dist Runs Agents AecgToPosg.
From Equilibrist Require Posg Aecg.
Import ListNotations.
Open Scope Q_scope.

(** ** Runs together with where they end *)

Section Ends.
  Context {C Entry : Type} (over : C -> bool) (step : C -> dist (Entry * C)).

  Fixpoint runs_and_end (t : nat) (c : C) : dist (list Entry * C) :=
    match t with
    | O => ret ([], c)
    | S t => if over c then ret ([], c)
             else '(e, c') <- step c;; '(run, d) <- runs_and_end t c';; ret (e :: run, d)
    end.

  Lemma runs_and_end_runs t : forall c, law_map fst (runs_and_end t c) ≈ runs over step t c.
  Proof.
    induction t as [|t IH]; intros c; simpl; [apply (law_map_ret fst ([], c)) |].
    destruct (over c); [apply (law_map_ret fst ([], c)) |].
    rewrite law_map_bind. apply bind_ext. intros [e c'].
    rewrite law_map_bind, <- IH, law_map_law_map. unfold law_map.
    apply bind_ext. intros [run d]. apply (law_map_ret fst (e :: run, d)).
  Qed.

  (** What a step adds to a list that the configuration keeps, a run adds up. *)
  Lemma kept_list {X} (kept : C -> list X) (adds : Entry -> list X) (I : C -> Prop) :
    (forall c, I c ->
       always (fun ec => kept (snd ec) = kept c ++ adds (fst ec) /\ I (snd ec)) (step c)) ->
    forall t c, I c ->
      always (fun rd => kept (snd rd) = kept c ++ flat_map adds (fst rd)) (runs_and_end t c).
  Proof.
    intros Hstep t. induction t as [|t IH]; intros c Hc; simpl;
      [apply always_ret; symmetry; apply app_nil_r |].
    destruct (over c); [apply always_ret; symmetry; apply app_nil_r |].
    eapply always_bind; [exact (Hstep c Hc) |]. intros [e c'] [He Hc']. simpl in He, Hc'.
    eapply always_bind; [exact (IH c' Hc') |]. intros [run d] Hrun. simpl in Hrun.
    apply always_ret. simpl. now rewrite Hrun, He, app_assoc.
  Qed.
End Ends.

(** ** What one turn adds *)

Definition lived {A Ω} (seen : option Ω) (did : option A) : history A Ω :=
  match seen, did with
  | Some o, Some a => [Saw o; Did a]
  | _, _ => []
  end.

Lemma turn_lived {A Ω} (ρ : policy A Ω) h seen :
  always (fun ah => snd ah = h ++ lived seen (fst ah)) (turn ρ h seen).
Proof.
  destruct seen as [o |]; simpl; [| apply always_ret; symmetry; apply app_nil_r].
  apply always_bind_any. intros a. apply always_ret. simpl. now rewrite <- app_assoc.
Qed.

(** ** In a POSG *)

Definition posg_lived {A Ω S} (i : nat) (e : Posg.entry A Ω S) : history A Ω :=
  lived (nth i (Posg.seen e) None) (nth i (Posg.joint e) None).

Lemma turns_lived {A Ω} (π : profile A Ω) os : forall k hs,
  length hs = length os ->
  always (fun ah => forall i,
            nth i (snd ah) [] = nth i hs [] ++ lived (nth i os None) (nth i (fst ah) None))
         (Posg.turns π k hs os).
Proof.
  induction os as [|o os IH]; intros k [|h hs] Hlen; try discriminate; simpl.
  - apply always_ret. now intros [|i].
  - injection Hlen as Hlen. eapply always_bind; [apply turn_lived |]. intros [a h'] Ha.
    eapply always_bind; [apply (IH (S k) hs Hlen) |]. intros [joint hs'] Hjoint.
    apply always_ret. intros [|i]; [exact Ha | apply Hjoint].
Qed.

Section Posg.
  Context {A Ω : Type} (G : Posg.game A Ω) (π : profile A Ω).

  Definition posg_runs_and_end := runs_and_end (Posg.over G) (Posg.step G π).

  Definition posg_fits (c : Posg.config A Ω (Posg.state G)) : Prop :=
    length (Posg.histories c) = Posg.agents G /\ length (Posg.pending c) = Posg.agents G.

  Lemma always_both {X} (P R : X -> Prop) (mu : dist X) :
    always P mu -> always R mu -> always (fun x => P x /\ R x) mu.
  Proof.
    intros HP HR. apply Forall_forall. intros a Ha.
    split; [exact (proj1 (Forall_forall _ _) HP a Ha) | exact (proj1 (Forall_forall _ _) HR a Ha)].
  Qed.

  Lemma posg_step_lived i c :
    posg_fits c ->
    always (fun ec => nth i (Posg.histories (snd ec)) [] =
                        nth i (Posg.histories c) [] ++ posg_lived i (fst ec) /\
                      posg_fits (snd ec)) (Posg.step G π c).
  Proof.
    intros [Hhs Hos]. unfold Posg.step.
    assert (Hlen : length (Posg.histories c) = length (Posg.pending c)) by congruence.
    eapply always_bind.
    { apply always_both; [apply (turns_lived π _ 0 _ Hlen) | apply (Posg.turns_fit π _ 0 _ Hlen)]. }
    intros [a hs'] [Hlived [_ Hhs']]. simpl in Hlived, Hhs'.
    apply always_bind_any. intros s'. apply always_bind_any. intros r.
    eapply always_bind; [apply Posg.observe_fits |]. intros os' Hos'.
    apply always_ret. unfold posg_fits. simpl. repeat split; [apply Hlived | congruence | exact Hos'].
  Qed.

  (** From the start of play, agent [i]'s history is what it lived through. *)
  Theorem posg_history_from_record t i so :
    length (snd so) = Posg.agents G ->
    always (fun rd => nth i (Posg.histories (snd rd)) [] = flat_map (posg_lived i) (fst rd))
           (posg_runs_and_end t (Posg.start G so)).
  Proof.
    intros Hso. eapply always_impl.
    - apply (kept_list _ _ (fun c => nth i (Posg.histories c) []) (posg_lived i) posg_fits);
        [apply posg_step_lived |]. split; [apply repeat_length | exact Hso].
    - intros [run d] H. simpl in *. rewrite H. now rewrite nth_repeat.
  Qed.
End Posg.

(** ** In an AECG *)

Definition aecg_lived {A Ω S} (i : nat) (e : Aecg.entry A Ω S) : history A Ω :=
  match Aecg.who e with
  | Aecg.Agent j => if Nat.eqb i j then lived (Aecg.seen e) (Aecg.did e) else []
  | Aecg.Environment => []
  end.

Lemma nth_put_other {X} i j (x d : X) l : i <> j -> nth i (put j x l) d = nth i l d.
Proof.
  revert i j. induction l as [|y l IH]; intros [|i] [|j] H; simpl; try reflexivity; try congruence.
  apply IH. congruence.
Qed.

Section Aecg.
  Context {A Ω : Type} (G : Aecg.game A Ω) (π : profile A Ω).

  Definition aecg_runs_and_end := runs_and_end (Aecg.over G) (Aecg.step G π).

  Definition aecg_fits (c : Aecg.config A Ω (Aecg.state G)) : Prop :=
    length (Aecg.histories c) = Aecg.agents G /\ Aecg.mover_below (Aecg.agents G) (Aecg.turn_of c).

  Lemma aecg_step_lived i c :
    aecg_fits c ->
    always (fun ec => nth i (Aecg.histories (snd ec)) [] =
                        nth i (Aecg.histories c) [] ++ aecg_lived i (fst ec) /\
                      aecg_fits (snd ec)) (Aecg.step G π c).
  Proof.
    intros [Hlen Hm]. apply always_both; [| exact (step_fits G π c Hlen Hm)].
    unfold Aecg.step, Aecg.move, aecg_lived.
    revert Hm. destruct (Aecg.turn_of c) as [| j]; intros Hm; simpl in Hm.
    - apply always_bind with (P := fun x => snd x = Aecg.histories c).
      + apply always_bind_any. intros s'. now apply always_ret.
      + intros [[[o a] s'] hs'] Hhs'. apply always_bind_any. intros r.
        apply always_bind_any. intros m'. apply always_ret. simpl in *.
        now rewrite Hhs', app_nil_r.
    - apply always_bind with (P := fun x => let '(o, a, _, hs') := x in
        nth i hs' [] = nth i (Aecg.histories c) [] ++ if Nat.eqb i j then lived o a else []).
      + apply always_bind_any. intros o. eapply always_bind; [apply turn_lived |].
        intros [a h'] Ha. simpl in Ha. apply always_ret.
        assert (Hj : (j < length (Aecg.histories c))%nat) by now rewrite Hlen.
        destruct (Nat.eqb_spec i j) as [-> | Hne].
        * rewrite nth_put by exact Hj. exact Ha.
        * now rewrite nth_put_other, app_nil_r.
      + intros [[[o a] s'] hs'] H. apply always_bind_any. intros r.
        apply always_bind_any. intros m'. now apply always_ret.
  Qed.

  Theorem aecg_history_from_record t i :
    always (fun rd => nth i (Aecg.histories (snd rd)) [] = flat_map (aecg_lived i) (fst rd))
           (aecg_runs_and_end t (Aecg.start G)).
  Proof.
    eapply always_impl.
    - apply (kept_list _ _ (fun c => nth i (Aecg.histories c) []) (aecg_lived i) aecg_fits);
        [apply aecg_step_lived |]. split; [apply repeat_length | exact (Aecg.first_mover_fits G)].
    - intros [run d] H. simpl in *. rewrite H. now rewrite nth_repeat.
  Qed.
End Aecg.
