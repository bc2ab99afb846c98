(** * One POSG step is one round of N+1 AECG steps

    Theorem A for games in two stages. Every observation is drawn once, though later than in the
    POSG and in another order. That leaves the law as it was, for independent draws commute. *)

From Coq Require Import QArith List Setoid Morphisms Lia.
From Equilibrist Require Import Dist Runs Agents Rounds Staged.
From Equilibrist Require Posg Aecg.
Import ListNotations.
Open Scope Q_scope.

Section Proof.
  Context {A Ω : Type} (G : game A Ω) (π : profile A Ω).

  Notation N := (agents G).
  Notation PG := (to_posg G).
  Notation AG := (to_aecg G).

  (** ** One round *)

  (** The AECG configuration in which the agents below [length did] have moved, and the slots of the
      others hold [ks]. *)
  Definition midround (g : Q) (s : state G) (did : list (option A)) (ks : list (held G))
      (hs : list (history A Ω)) : Aecg.config A Ω (Aecg.state AG) :=
    Aecg.Config g
      (Round s (map Chosen did ++ map Held ks) (mover_at G (length did)) : Aecg.state AG)
      (mover_at G (length did)) hs.

  Lemma chosen_all did : chosen (map (@Chosen (held G) A) did) = did.
  Proof. unfold chosen. rewrite map_map. apply map_id. Qed.

  Lemma mover_at_agent i : (i < N)%nat -> mover_at G i = Aecg.Agent i.
  Proof. intros H. unfold mover_at. now apply Nat.ltb_lt in H as ->. Qed.

  Lemma mover_at_end : mover_at G N = Aecg.Environment.
  Proof. unfold mover_at. now rewrite Nat.ltb_irrefl. Qed.

  (** An agent's step in the middle of a round: it looks and has its turn. *)
  Lemma agent_step g s did k ks hd h ht :
    length hd = length did -> (length did < N)%nat ->
    Aecg.step AG π (midround g s did (k :: ks) (hd ++ h :: ht)) ≈
    o <- look G (length did) s k;;
    '(a, h') <- turn (π (length did)) h o;;
    ret (Aecg.Entry g
           (Round s (map Chosen did ++ map Held (k :: ks)) (mover_at G (length did)) : Aecg.state AG)
           (Aecg.Agent (length did)) o a (repeat 0 N)
           (Round s (map Chosen (did ++ [a]) ++ map Held ks) (mover_at G (length (did ++ [a]))))
           (mover_at G (length (did ++ [a]))),
         midround g s (did ++ [a]) ks ((hd ++ [h']) ++ ht)).
  Proof.
    intros Hhd Hlt. unfold Aecg.step, Aecg.move, midround. simpl.
    rewrite (mover_at_agent _ Hlt). simpl.
    rewrite nth_at by apply map_length.
    rewrite bind_assoc. apply bind_ext. intros o.
    rewrite nth_at by exact Hhd.
    rewrite bind_assoc. apply bind_ext. intros [a h'].
    rewrite !bind_ret_l.
    rewrite (put_at _ h) by exact Hhd.
    rewrite (put_at _ (Held k)) by apply map_length.
    rewrite times_one, map_app, app_length, Nat.add_1_r, <- !app_assoc.
    reflexivity.
  Qed.

  (** The environment's step at the end of a round: state, rewards, new slots. *)
  Lemma environment_step g s did hs :
    length did = N ->
    Aecg.step AG π (midround g s did [] hs) ≈
    s' <- transition G s did;;
    r <- reward G s did s';;
    ks <- hold G s' did;;
    ret (Aecg.Entry g (Round s (map Chosen did ++ []) Aecg.Environment : Aecg.state AG)
           Aecg.Environment None None r (round G s' ks) (mover_at G 0),
         midround (g * discount G s) s' [] ks hs).
  Proof.
    intros Hlen. unfold Aecg.step, Aecg.move, midround. simpl.
    rewrite Hlen, mover_at_end. simpl. rewrite app_nil_r, chosen_all.
    rewrite !bind_assoc. apply bind_ext. intros s'.
    rewrite !bind_assoc, bind_swap. apply bind_ext. intros ks.
    rewrite !bind_ret_l. apply bind_ext. intros r. rewrite bind_ret_l. reflexivity.
  Qed.

  (** The agents' steps of a round. Looking when one's turn comes, after others have moved, is as
      good as looking before anyone moves: the draws are independent. *)
  Lemma agents_move k g s ks : forall seen did hd ht,
    terminal G s = false ->
    length hd = length did -> length ht = length ks -> (length did + length ks = N)%nat ->
    law_map (read_rounds view seen did)
      (Aecg.play AG π (length ks + k) (midround g s did ks (hd ++ ht))) ≈
    os <- look_each G (length did) s ks;;
    '(a, hs') <- Posg.turns π (length did) ht os;;
    law_map (read_rounds view (seen ++ os) (did ++ a))
      (Aecg.play AG π k (midround g s (did ++ a) [] (hd ++ hs'))).
  Proof.
    induction ks as [|k' ks IH]; intros seen did hd [|h ht] Hs Hhd Hht HN; try discriminate.
    - simpl. rewrite bind_ret_l. simpl. rewrite bind_ret_l, !app_nil_r. reflexivity.
    - simpl length in *. change (S (length ks) + k)%nat with (S (length ks + k)).
      unfold Aecg.play. rewrite runs_step by exact Hs. fold (Aecg.play AG π).
      rewrite law_map_bind, agent_step by lia. simpl look_each.
      rewrite !bind_assoc. apply bind_ext. intros o.
      transitivity
        ('(a, h') <- turn (π (length did)) h o;;
         os <- look_each G (S (length did)) s ks;;
         '(joint, hs') <- Posg.turns π (S (length did)) ht os;;
         law_map (read_rounds view (seen ++ o :: os) (did ++ a :: joint))
           (Aecg.play AG π k (midround g s (did ++ a :: joint) [] (hd ++ h' :: hs')))).
      + rewrite !bind_assoc. apply bind_ext. intros [a h'].
        rewrite bind_ret_l, law_map_law_map. cbn [read_rounds Aecg.who Aecg.seen Aecg.did].
        rewrite IH by (try assumption; rewrite ?app_length; simpl; lia).
        rewrite app_length, Nat.add_1_r. apply bind_ext. intros os.
        apply bind_ext. intros [joint hs']. rewrite <- !app_assoc. reflexivity.
      + rewrite bind_assoc.
        transitivity
          (os <- look_each G (S (length did)) s ks;;
           x <- turn (π (length did)) h o;;
           (let '(a, h') := x in
            '(joint, hs') <- Posg.turns π (S (length did)) ht os;;
            law_map (read_rounds view (seen ++ o :: os) (did ++ a :: joint))
              (Aecg.play AG π k (midround g s (did ++ a :: joint) [] (hd ++ h' :: hs'))))).
        * rewrite bind_swap. apply bind_ext. intros [a h']. reflexivity.
        * apply bind_ext. intros os. rewrite bind_ret_l. simpl Posg.turns.
          rewrite bind_assoc. apply bind_ext. intros [a h'].
          rewrite bind_assoc. apply bind_ext. intros [joint hs']. now rewrite bind_ret_l.
  Qed.

  (** ** All rounds *)

  (** [t] rounds read as [t] POSG steps, once the POSG has drawn what the slots will show. *)
  Lemma rounds_are_steps t : forall g s ks hs,
    length ks = N -> length hs = N ->
    law_map project (Aecg.play AG π (t * (N + 1)) (midround g s [] ks hs)) ≈
    os <- look_each G 0 s ks;;
    Posg.play PG π t (Posg.Config g (s : Posg.state PG) hs os).
  Proof.
    induction t as [|t IH]; intros g s ks hs Hks Hhs.
    { transitivity (_ <- look_each G 0 s ks;; @ret (list (Posg.entry A Ω (state G))) []);
        [rewrite bind_ignore; apply (law_map_ret project []) | reflexivity]. }
    destruct (terminal G s) eqn:Hs.
    { transitivity (_ <- look_each G 0 s ks;; @ret (list (Posg.entry A Ω (state G))) []).
      - unfold Aecg.play. rewrite bind_ignore, runs_over by exact Hs.
        apply (law_map_ret project []).
      - apply bind_ext. intros os. unfold Posg.play. now rewrite runs_over by exact Hs. }
    replace (S t * (N + 1))%nat with (length ks + S (t * (N + 1)))%nat by lia.
    etransitivity.
    { apply (agents_move _ g s ks [] [] [] hs); simpl; auto; lia. }
    eapply bind_ext_always; [apply (look_each_fits G) |]. cbv beta. intros os Hos.
    unfold Posg.play. rewrite runs_step by exact Hs. fold (Posg.play PG π). unfold Posg.step.
    rewrite !bind_assoc.
    eapply bind_ext_always; [apply Posg.turns_fit; simpl; lia |]. intros [a hs'] [Ha Hhs'].
    simpl in Ha, Hhs'.
    unfold Aecg.play. rewrite runs_step by exact Hs. fold (Aecg.play AG π).
    rewrite law_map_bind, environment_step by (simpl; lia).
    rewrite !bind_assoc. apply bind_ext. intros s'.
    rewrite !bind_assoc. apply bind_ext. intros r.
    transitivity
      (os' <- posg_observe G s' a;;
       law_map (cons (Posg.Entry g s os a r s'))
         (Posg.play PG π t (Posg.Config (g * discount G s) (s' : Posg.state PG) hs' os')));
      [| rewrite bind_assoc; apply bind_ext; intros os'; now rewrite bind_ret_l].
    unfold posg_observe. rewrite !bind_assoc.
    eapply bind_ext_always; [apply hold_fits |]. cbv beta. intros ks' Hks'.
    rewrite bind_ret_l, law_map_law_map, <- law_map_bind.
    rewrite <- IH, law_map_law_map by (simpl; lia).
    reflexivity.
  Qed.

  (** ** Theorem A, for games in two stages *)
  Theorem theorem_A_staged t :
    law_map project (Aecg.law AG π (1 + t * (N + 1))) ≈ Posg.law PG π t.
  Proof.
    unfold Aecg.law, Aecg.play, Posg.law. change (1 + t * (N + 1))%nat with (S (t * (N + 1))).
    rewrite runs_step by reflexivity. fold (Aecg.play AG π).
    unfold Aecg.step, Aecg.move. simpl. unfold posg_initial.
    rewrite law_map_bind, !bind_assoc.
    eapply bind_ext_always; [apply initial_fits |]. intros [s ks] Hks. simpl in Hks.
    rewrite !bind_ret_l, law_map_law_map, bind_assoc.
    transitivity
      (os <- look_each G 0 s ks;;
       Posg.play PG π t (Posg.Config 1 (s : Posg.state PG) (repeat [] N) os));
      [| apply bind_ext; intros os; now rewrite bind_ret_l].
    rewrite <- rounds_are_steps by (auto using repeat_length). reflexivity.
  Qed.

  (** ** Returns *)

  Lemma step_pays_at_round_ends c :
    always (fun ec => pays_at_round_ends view N (fst ec)) (Aecg.step AG π c).
  Proof.
    destruct c as [g x m hs]. unfold Aecg.step, Aecg.move. simpl.
    destruct m as [| i].
    - apply always_bind with (P := fun osh => exists s ks, snd (fst osh) = round G s ks).
      + apply always_bind with (P := fun x' => exists s ks, x' = round G s ks).
        * destruct x as [| s slots m]; simpl.
          -- apply always_bind_any. intros [s' ks']. apply always_ret. now exists s', ks'.
          -- apply always_bind_any. intros s'. apply always_bind_any. intros ks'.
             apply always_ret. now exists s', ks'.
        * intros x' Hx'. now apply always_ret.
      + intros [[[o a] x'] hs'] [s' [ks' Hx']]. simpl in Hx'. subst x'.
        destruct x as [| s slots m]; simpl.
        * apply always_bind with (P := fun r => r = repeat 0 N); [now apply always_ret |].
          intros r Hr. apply always_bind_any. intros m'. now apply always_ret.
        * apply always_bind_any. intros r. apply always_bind_any. intros m'. now apply always_ret.
    - apply always_bind_any. intros [[[o a] x'] hs'].
      apply always_bind with (P := fun r => r = repeat 0 N); [now apply always_ret |].
      intros r Hr. apply always_bind_any. intros m'. now apply always_ret.
  Qed.

  Theorem theorem_A_staged_returns t i : Aecg.J AG (1 + t * (N + 1)) π i == Posg.J PG t π i.
  Proof.
    apply (same_returns view N); [apply theorem_A_staged |].
    apply runs_always with (I := fun _ => True); [| exact I]. intros c _.
    eapply always_impl; [apply step_pays_at_round_ends | auto].
  Qed.
End Proof.
