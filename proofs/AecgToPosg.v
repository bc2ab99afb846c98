(** * Theorem B: every AECG has an equivalent POSG

    A POSG state is an AECG state with the mover. One POSG step is one AECG step. The agents that
    are not on the move see ⊥: they make no choice and learn nothing, not even that time passes. *)

From Coq Require Import QArith List Setoid Morphisms Lia PeanoNat.
From Equilibrist Require Import Dist Runs Agents.
From Equilibrist Require Posg Aecg.
Import ListNotations.
Open Scope Q_scope.

(** ** One agent's part of a joint action or observation *)

(** The list of [n] entries that holds [x] for the mover and ⊥ (or ∅) for the others. *)
Definition place {X} (n : nat) (m : Aecg.mover) (x : option X) : list (option X) :=
  match m with
  | Aecg.Environment => repeat None n
  | Aecg.Agent i => put i x (repeat None n)
  end.

Definition pick {X} (m : Aecg.mover) (l : list (option X)) : option X :=
  match m with
  | Aecg.Environment => None
  | Aecg.Agent i => nth i l None
  end.

Lemma length_place {X} n m (x : option X) : length (place n m x) = n.
Proof. destruct m; simpl; rewrite ?length_put; apply repeat_length. Qed.

Lemma pick_place {X} n m (x : option X) :
  Aecg.mover_below n m -> (m = Aecg.Environment -> x = None) -> pick m (place n m x) = x.
Proof.
  destruct m as [| i]; simpl; intros Hi Hx; [now rewrite Hx |].
  apply nth_put. now rewrite repeat_length.
Qed.

(** ** The conversion *)

Section Conversion.
  Context {A Ω : Type} (G : Aecg.game A Ω).

  Notation N := (Aecg.agents G).

  Definition state : Type := Aecg.state G * Aecg.mover.

  (** What the agents see on reaching a state: the mover its observation, the others ⊥.
      Where play is over nobody is on the move. *)
  Definition show (x : state) : dist (list (option Ω)) :=
    let (s, m) := x in
    match m with
    | Aecg.Agent i =>
        if Aecg.terminal G s then ret (repeat None N)
        else law_map (place N m) (Aecg.observe G i s)
    | Aecg.Environment => ret (repeat None N)
    end.

  Definition initial : dist (state * list (option Ω)) :=
    let x := (Aecg.first_state G, Aecg.first_mover G) in
    os <- show x;; ret (x, os).

  Definition transition (x : state) (joint : list (option A)) : dist state :=
    let (s, m) := x in
    let a := pick m joint in
    s' <- match m with
          | Aecg.Agent i => ret (Aecg.act G i s a)
          | Aecg.Environment => Aecg.nature G s
          end;;
    m' <- Aecg.next G s m a;;
    ret (s', m').

  Definition reward (x : state) (joint : list (option A)) (x' : state) : dist (list Q) :=
    let (s, m) := x in Aecg.reward G s m (pick m joint) (fst x').

  Definition observe (x' : state) (_ : list (option A)) : dist (list (option Ω)) := show x'.

  Definition discount (x : state) : Q := Aecg.discount G (fst x).

  Definition terminal (x : state) : bool := Aecg.terminal G (fst x).

  Lemma show_fits x : always (fun os => length os = N) (show x).
  Proof.
    destruct x as [s [| i]]; simpl; [apply always_ret, repeat_length |].
    destruct (Aecg.terminal G s); [apply always_ret, repeat_length |].
    apply always_bind_any. intros o. apply always_ret, (length_place N (Aecg.Agent i)).
  Qed.

  Lemma initial_fits : always (fun so => length (snd so) = N) initial.
  Proof. eapply always_bind; [apply show_fits |]. intros os Hos. now apply always_ret. Qed.

  Definition to_posg : Posg.game A Ω :=
    Posg.Game state N initial transition reward observe discount terminal
      initial_fits (fun x _ => show_fits x).

  (** ** The correspondence of records, entry by entry, in both directions *)

  Definition embed (e : Aecg.entry A Ω (Aecg.state G)) : Posg.entry A Ω state :=
    let m := Aecg.who e in
    Posg.Entry (Aecg.factor e) (Aecg.from e, m) (place N m (Aecg.seen e)) (place N m (Aecg.did e))
      (Aecg.paid e) (Aecg.to e, Aecg.next_mover e).

  Definition extract (e : Posg.entry A Ω state) : Aecg.entry A Ω (Aecg.state G) :=
    let m := snd (Posg.from e) in
    Aecg.Entry (Posg.factor e) (fst (Posg.from e)) m (pick m (Posg.seen e)) (pick m (Posg.joint e))
      (Posg.paid e) (fst (Posg.to e)) (snd (Posg.to e)).

  Lemma extract_embed e : Aecg.well_formed G e -> extract (embed e) = e.
  Proof.
    destruct e as [g s m o a r s' m']. unfold Aecg.well_formed. simpl. intros [Hm Henv].
    unfold extract, embed. simpl.
    rewrite !pick_place by (intuition auto). reflexivity.
  Qed.
End Conversion.

(** ** Turns where at most one agent sees anything *)

Section Turns.
  Context {A Ω : Type} (π : profile A Ω).

  Lemma nobody_acts n : forall k hs,
    length hs = n -> Posg.turns π k hs (repeat None n) ≈ ret (repeat None n, hs).
  Proof.
    induction n as [|n IH]; intros k [|h hs] H; try discriminate; simpl; [reflexivity |].
    injection H as H. rewrite bind_ret_l, IH, bind_ret_l by exact H. reflexivity.
  Qed.

  Lemma one_acts n : forall i k hs o,
    length hs = n -> (i < n)%nat ->
    Posg.turns π k hs (put i o (repeat None n)) ≈
    '(a, h') <- turn (π (k + i)%nat) (nth i hs []) o;;
    ret (put i a (repeat None n), put i h' hs).
  Proof.
    induction n as [|n IH]; intros [|i] k [|h hs] o H Hi; try discriminate; try lia; simpl.
    - injection H as H. rewrite Nat.add_0_r. apply bind_ext. intros [a h'].
      rewrite nobody_acts, bind_ret_l by exact H. reflexivity.
    - injection H as H. rewrite bind_ret_l, IH by (auto; lia).
      rewrite bind_assoc, Nat.add_succ_r. apply bind_ext. intros [a h'].
      now rewrite bind_ret_l.
  Qed.
End Turns.

(** ** The proof *)

Section Proof.
  Context {A Ω : Type} (G : Aecg.game A Ω) (π : profile A Ω).

  Notation N := (Aecg.agents G).
  Notation PG := (to_posg G).

  (** The POSG configuration that stands for an AECG configuration, once [os] has been drawn. *)
  Definition lower (c : Aecg.config A Ω (Aecg.state G)) (os : list (option Ω))
    : Posg.config A Ω (Posg.state PG) :=
    Posg.Config (Aecg.gamma c) ((Aecg.now c, Aecg.turn_of c) : Posg.state PG) (Aecg.histories c) os.

  Definition show_now (c : Aecg.config A Ω (Aecg.state G)) :=
    show G (Aecg.now c, Aecg.turn_of c).

  (** Drawing what the mover sees and then letting everybody have a turn is the mover's turn. *)
  Lemma only_the_mover_acts c i :
    Aecg.terminal G (Aecg.now c) = false -> Aecg.turn_of c = Aecg.Agent i ->
    length (Aecg.histories c) = N -> (i < N)%nat ->
    forall (Y : Type) (k : list (option Ω) -> list (option A) * list (history A Ω) -> dist Y),
    (os <- show_now c;; x <- Posg.turns π 0 (Aecg.histories c) os;; k os x) ≈
    o <- Aecg.observe G i (Aecg.now c);;
    '(a, h') <- turn (π i) (nth i (Aecg.histories c) []) o;;
    k (place N (Aecg.Agent i) o) (place N (Aecg.Agent i) a, put i h' (Aecg.histories c)).
  Proof.
    intros Hs Hm Hlen Hi Y k. unfold show_now, show. rewrite Hm, Hs, bind_law_map.
    apply bind_ext. intros o. simpl place. rewrite one_acts by assumption.
    rewrite bind_assoc. apply bind_ext. intros [a h']. now rewrite bind_ret_l.
  Qed.

  (** After the move the POSG draws the next mover before the rewards, the AECG after them. *)
  Lemma mover_before_rewards {X M R Y} (move : dist X) (next : dist M) (rewards : X -> dist R)
      (k : X * M -> R -> dist Y) :
    (x <- (s <- move;; m <- next;; ret (s, m));; r <- rewards (fst x);; k x r) ≈
    (s <- move;; r <- rewards s;; m <- next;; k (s, m) r).
  Proof.
    rewrite bind_assoc. apply bind_ext. intros s. rewrite bind_assoc.
    transitivity (m <- next;; r <- rewards s;; k (s, m) r).
    - apply bind_ext. intros m. now rewrite bind_ret_l.
    - apply (bind_swap next (rewards s) (fun m r => k (s, m) r)).
  Qed.

  (** One POSG step, the pending observations drawn first, is one AECG step, the next mover's
      observation drawn last. *)
  Lemma step_by_step c :
    Aecg.terminal G (Aecg.now c) = false ->
    length (Aecg.histories c) = N -> Aecg.mover_below N (Aecg.turn_of c) ->
    (os <- show_now c;; Posg.step PG π (lower c os)) ≈
    '(e, c') <- Aecg.step G π c;;
    os' <- show_now c';;
    ret (embed G e, lower c' os').
  Proof.
    intros Hs Hlen Hm. unfold Posg.step, Aecg.step, Aecg.move.
    destruct (Aecg.turn_of c) as [| i] eqn:Hturn; simpl in Hm.
    - (* the environment moves *)
      unfold show_now at 1, show. simpl. rewrite Hturn. simpl.
      rewrite bind_ret_l, nobody_acts, bind_ret_l by exact Hlen.
      etransitivity; [apply mover_before_rewards |].
      rewrite !bind_assoc. apply bind_ext. intros s'.
      rewrite bind_ret_l, bind_assoc. apply bind_ext. intros r.
      rewrite bind_assoc. apply bind_ext. intros m'.
      now rewrite bind_ret_l.
    - (* agent [i] moves *)
      etransitivity;
        [apply (only_the_mover_acts c i Hs Hturn Hlen Hm _ (fun os ah => let '(a, hs') := ah in _)) |].
      rewrite !bind_assoc. apply bind_ext. intros o.
      rewrite !bind_assoc. apply bind_ext. intros [a h'].
      rewrite bind_ret_l. simpl. rewrite Hturn.
      etransitivity; [apply mover_before_rewards |].
      change (put i a (repeat None N)) with (place N (Aecg.Agent i) a).
      rewrite (pick_place N (Aecg.Agent i) a) by easy.
      rewrite bind_ret_l, bind_assoc. apply bind_ext. intros r.
      rewrite bind_assoc. apply bind_ext. intros m'.
      now rewrite bind_ret_l.
  Qed.

  (** Steps keep one history per agent, and a mover that exists. *)
  Lemma step_fits c :
    length (Aecg.histories c) = N -> Aecg.mover_below N (Aecg.turn_of c) ->
    always (fun ec => length (Aecg.histories (snd ec)) = N /\
                      Aecg.mover_below N (Aecg.turn_of (snd ec))) (Aecg.step G π c).
  Proof.
    intros Hlen Hm. unfold Aecg.step.
    apply always_bind with (P := fun x => length (snd x) = N).
    - unfold Aecg.move. destruct (Aecg.turn_of c) as [| i].
      + apply always_bind_any. intros s'. now apply always_ret.
      + apply always_bind_any. intros o. apply always_bind_any. intros [a h'].
        apply always_ret. simpl. now rewrite length_put.
    - intros [[[o a] s'] hs'] Hhs'. apply always_bind_any. intros r.
      eapply always_bind; [apply Aecg.next_fits |]. intros m' Hm'. now apply always_ret.
  Qed.

  (** From corresponding configurations, [t] steps of the two games have corresponding records. *)
  Lemma runs_correspond t : forall c,
    length (Aecg.histories c) = N -> Aecg.mover_below N (Aecg.turn_of c) ->
    (os <- show_now c;; Posg.play PG π t (lower c os)) ≈
    law_map (map (embed G)) (Aecg.play G π t c).
  Proof.
    induction t as [|t IH]; intros c Hlen Hm.
    { simpl. rewrite bind_ignore. symmetry. apply (law_map_ret (map (embed G)) []). }
    destruct (Aecg.terminal G (Aecg.now c)) eqn:Hs.
    { unfold Aecg.play. rewrite runs_over by exact Hs.
      transitivity (_ <- show_now c;; @ret (list (Posg.entry A Ω (Posg.state PG))) []).
      { apply bind_ext. intros os. unfold Posg.play. now rewrite runs_over by exact Hs. }
      rewrite bind_ignore. symmetry. apply (law_map_ret (map (embed G)) []). }
    transitivity
      ('(e, d) <- (os <- show_now c;; Posg.step PG π (lower c os));;
       law_map (cons e) (Posg.play PG π t d)).
    { rewrite bind_assoc. apply bind_ext. intros os. unfold Posg.play.
      rewrite runs_step by exact Hs. reflexivity. }
    rewrite step_by_step by assumption.
    unfold Aecg.play. rewrite runs_step by exact Hs. fold (Aecg.play G π).
    rewrite law_map_bind, bind_assoc.
    eapply bind_ext_always; [apply (step_fits c Hlen Hm) |]. intros [e c'] [Hlen' Hm'].
    simpl in Hlen', Hm'.
    rewrite law_map_law_map, bind_assoc.
    transitivity (law_map (cons (embed G e)) (os' <- show_now c';; Posg.play PG π t (lower c' os'))).
    { rewrite law_map_bind. apply bind_ext. intros os'. now rewrite bind_ret_l. }
    rewrite IH by assumption. now rewrite law_map_law_map.
  Qed.

  (** ** Theorem B

      [t] steps of the AECG are [t] steps of the POSG, entry by entry. The same profile plays both. *)
  Theorem theorem_B t :
    Posg.law PG π t ≈ law_map (map (embed G)) (Aecg.law G π t).
  Proof.
    unfold Posg.law, Aecg.law.
    rewrite <- runs_correspond by (simpl; auto using repeat_length, Aecg.first_mover_fits).
    simpl. unfold initial. rewrite bind_assoc. apply bind_ext. intros os. now rewrite bind_ret_l.
  Qed.

  (** The same, read from the POSG: nothing is lost in the translation. *)
  Theorem theorem_B_extract t :
    law_map (map (extract G)) (Posg.law PG π t) ≈ Aecg.law G π t.
  Proof.
    rewrite theorem_B, law_map_law_map.
    apply law_map_id_always with (P := Forall (Aecg.well_formed G)).
    - apply Aecg.law_well_formed.
    - intros run H. rewrite map_map. induction H as [| e run He _ IH]; simpl; [reflexivity |].
      now rewrite extract_embed, IH.
  Qed.

  (** Discounted returns agree: for every profile, horizon and agent. *)
  Theorem theorem_B_returns t i : Posg.J PG t π i == Aecg.J G t π i.
  Proof.
    unfold Posg.J, Aecg.J. rewrite (theorem_B t _), E_law_map. apply E_ext. intros run.
    apply total_map. reflexivity.
  Qed.
End Proof.
