(** * Theorem C: the null observation must carry nothing, not even the time

    If agents that are not on the move could count the steps, AECG → POSG would be false. In the
    game below nobody can win with probability above 1/2; played as a POSG whose agents see the
    ticks, it is won surely. *)

From Coq Require Import QArith List Setoid Morphisms Lqa Bool.
From Equilibrist Require Import Dist Runs Agents AecgToPosg.
From Equilibrist Require Posg Aecg.
Import ListNotations.
Open Scope Q_scope.

(** ** The naive conversion: as [to_posg], but every step shows something to everybody

    Observations are those of the AECG and one more, the tick [None], which an agent sees where
    [to_posg] shows it ⊥. To see the tick is to see something: it enters the history. (An agent that
    sees a tick also names an action, as every agent of a POSG without ⊥ does; it has no effect.
    This is for games whose movers never see ⊥.) *)

Section Ticking.
  Context {A Ω : Type} (G : Aecg.game A Ω).

  Definition ticking_initial : dist (state G * list (option (option Ω))) :=
    law_map (fun xo => (fst xo, map Some (snd xo))) (initial G).

  Definition ticking_observe (x : state G) (_ : list (option A)) : dist (list (option (option Ω))) :=
    law_map (map Some) (show G x).

  Lemma ticking_initial_fits :
    always (fun so => length (snd so) = Aecg.agents G) ticking_initial.
  Proof.
    eapply always_bind; [apply initial_fits |]. intros so H. apply always_ret. simpl.
    now rewrite map_length.
  Qed.

  Lemma ticking_observe_fits x joint :
    always (fun os => length os = Aecg.agents G) (ticking_observe x joint).
  Proof.
    eapply always_bind; [apply show_fits |]. intros os H. apply always_ret. now rewrite map_length.
  Qed.

  Definition to_ticking_posg : Posg.game A (option Ω) :=
    Posg.Game (state G) (Aecg.agents G) ticking_initial (transition G) (reward G) ticking_observe
      (discount G) (terminal G) ticking_initial_fits ticking_observe_fits.
End Ticking.

(** ** The game

    The environment tosses a coin. Agent 1 then has one dummy turn on heads, two on tails. Then
    agent 0, which has seen nothing so far, names the coin ([true] is heads) and wins 1 if right.
    The only observation is "it is your turn". *)

Inductive place_in_game :=
| Toss
| Dummy (coin : bool) (more : nat)  (* agent 1's turn, with [more] turns to follow *)
| Name (coin : bool)
| Over.

Definition fair_coin : dist bool := law_of [(true, 1 # 2); (false, 1 # 2)] eq_refl.

Definition coin_act (i : nat) (s : place_in_game) (_ : option bool) : place_in_game :=
  match s with
  | Dummy coin O => Name coin
  | Dummy coin (S more) => Dummy coin more
  | _ => Over
  end.

Definition coin_nature (_ : place_in_game) : dist place_in_game :=
  law_map (fun coin : bool => Dummy coin (if coin then 0 else 1)) fair_coin.

Definition coin_reward (s : place_in_game) (m : Aecg.mover) (a : option bool) (_ : place_in_game)
  : dist (list Q) :=
  match s, a with
  | Name coin, Some named => ret [if eqb named coin then 1 else 0; 0]
  | _, _ => ret [0; 0]
  end.

Definition coin_next (s : place_in_game) (_ : Aecg.mover) (_ : option bool) : dist Aecg.mover :=
  match s with
  | Dummy _ O => ret (Aecg.Agent 0)
  | _ => ret (Aecg.Agent 1)
  end.

Lemma coin_next_fits s m a : always (Aecg.mover_below 2) (coin_next s m a).
Proof. destruct s as [| coin [| more] | coin |]; apply always_ret; simpl; auto. Qed.

Definition coin_game : Aecg.game bool unit :=
  Aecg.Game place_in_game 2 Toss Aecg.Environment coin_act coin_nature
    (fun _ _ => ret (Some tt)) coin_reward coin_next (fun _ => 1)
    (fun s => match s with Over => true | _ => false end) I coin_next_fits.

(** ** In the AECG every profile wins with probability 1/2 *)

Section AnyProfile.
  Context (π : profile bool unit).

  Definition value (t : nat) (c : Aecg.config bool unit (Aecg.state coin_game)) : Q :=
    E (Aecg.play coin_game π t c) (total (Aecg.gain 0)).

  Definition at_place (s : place_in_game) (m : Aecg.mover) (h : history bool unit)
    : Aecg.config bool unit (Aecg.state coin_game) :=
    Aecg.Config 1 (s : Aecg.state coin_game) m [[]; h].

  Definition right (coin named : bool) : Q := if eqb named coin then 1 else 0.

  (** When asked, agent 0 has seen nothing but that it is its turn. *)
  Definition answer : dist bool := π 0%nat [Saw tt].

  Lemma value_over t m h : value t (Aecg.Config 1 (Over : Aecg.state coin_game) m h) == 0.
  Proof. apply expected_total_over. reflexivity. Qed.

  (** An agent's step: it sees that it is its turn, chooses, and play goes on. *)
  Lemma value_turn t s i h0 h1 :
    (match s with Over => true | _ => false end) = false ->
    value (S t) (Aecg.Config 1 (s : Aecg.state coin_game) (Aecg.Agent i) [h0; h1]) ==
    let h := nth i [h0; h1] [] ++ [Saw tt] in
    E (π i h) (fun a =>
      E (coin_reward s (Aecg.Agent i) (Some a) Over) (fun r =>
        E (coin_next s (Aecg.Agent i) (Some a)) (fun m' =>
          1 * nth 0 r 0 +
          value t (Aecg.Config 1 (coin_act i s (Some a) : Aecg.state coin_game) m'
                     (put i (h ++ [Did a]) [h0; h1]))))).
  Proof.
    intros Hs. cbv zeta. unfold value, Aecg.play. rewrite expected_total_step by exact Hs.
    unfold Aecg.step at 1. rewrite E_bind. unfold Aecg.move at 1. cbn [Aecg.turn_of].
    rewrite E_bind. cbn [Aecg.observe coin_game]. rewrite E_ret, E_bind.
    unfold turn at 1. rewrite E_bind. apply E_ext. intros a.
    rewrite !E_ret, E_bind. apply E_ext. intros r.
    rewrite E_bind. apply E_ext. intros m'. rewrite E_ret. reflexivity.
  Qed.

  Lemma value_name t coin h :
    value (S t) (at_place (Name coin) (Aecg.Agent 0) h) == E answer (right coin).
  Proof.
    unfold at_place. rewrite value_turn by reflexivity. apply E_ext. intros named.
    unfold coin_reward, coin_next. rewrite !E_ret. simpl coin_act. rewrite value_over.
    simpl. unfold right. ring.
  Qed.

  (** Dummy turns pass the question on, whatever agent 1 does in them. *)
  Lemma value_last_dummy t coin h :
    value (S (S t)) (at_place (Dummy coin 0) (Aecg.Agent 1) h) == E answer (right coin).
  Proof.
    unfold at_place. rewrite value_turn by reflexivity.
    rewrite <- (E_const (π 1%nat (nth 1 [[]; h] [] ++ [Saw tt])) (E answer (right coin))).
    apply E_ext. intros a. unfold coin_reward, coin_next. rewrite !E_ret.
    change (1 * 0 + value (S t) (at_place (Name coin) (Aecg.Agent 0) ((h ++ [Saw tt]) ++ [Did a]))
            == E answer (right coin)).
    rewrite value_name. ring.
  Qed.

  Lemma value_first_dummy t coin h :
    value (S (S (S t))) (at_place (Dummy coin 1) (Aecg.Agent 1) h) == E answer (right coin).
  Proof.
    unfold at_place. rewrite value_turn by reflexivity.
    rewrite <- (E_const (π 1%nat (nth 1 [[]; h] [] ++ [Saw tt])) (E answer (right coin))).
    apply E_ext. intros a. unfold coin_reward, coin_next. rewrite !E_ret.
    change (1 * 0 + value (S (S t))
              (at_place (Dummy coin 0) (Aecg.Agent 1) ((h ++ [Saw tt]) ++ [Did a]))
            == E answer (right coin)).
    rewrite value_last_dummy. ring.
  Qed.

  (** One of the two answers is right, whichever coin fell. *)
  Lemma one_answer_is_right : E answer (right true) + E answer (right false) == 1.
  Proof.
    rewrite <- E_plus, <- (E_const answer 1). apply E_ext. intros [|]; reflexivity.
  Qed.

  (** Four steps are enough for the game to end; more change nothing. *)
  Theorem aecg_wins_half t : Aecg.J coin_game (4 + t) π 0 == 1 # 2.
  Proof.
    change (value (S (S (S (S t)))) (at_place Toss Aecg.Environment []) == 1 # 2).
    unfold value, Aecg.play. rewrite expected_total_step by reflexivity.
    unfold Aecg.step at 1. rewrite E_bind. unfold Aecg.move at 1. cbn [Aecg.turn_of at_place].
    rewrite E_bind. cbn [Aecg.nature coin_game]. unfold coin_nature. rewrite E_law_map.
    transitivity (E fair_coin (fun coin => E answer (right coin))).
    - apply E_ext. intros coin. rewrite E_ret, E_bind.
      cbn [Aecg.reward Aecg.next coin_game Aecg.now at_place coin_reward coin_next].
      rewrite E_ret, E_bind, !E_ret.
      change (1 * 0 + value (S (S (S t))) (at_place (Dummy coin (if coin then 0 else 1)%nat)
                                             (Aecg.Agent 1) []) == E answer (right coin)).
      destruct coin; [rewrite (value_last_dummy (S t)) | rewrite value_first_dummy]; ring.
    - unfold fair_coin, E at 1. simpl. pose proof one_answer_is_right. lra.
  Qed.
End AnyProfile.

(** By Theorem B the same holds in the POSG of [to_posg], whose agents see ⊥. *)
Theorem posg_wins_half π t : Posg.J (to_posg coin_game) (4 + t) π 0 == 1 # 2.
Proof. rewrite theorem_B_returns. apply aecg_wins_half. Qed.

(** ** Where agents see the ticks, counting them wins surely *)

(** Agent 0 answers after three observations on heads and four on tails: its history then holds
    five events or seven. *)
Definition count_ticks : profile bool (option unit) :=
  fun _ h => ret (Nat.leb (length h) 5 && Nat.leb 5 (length h)).

Theorem ticking_posg_wins_surely t : Posg.J (to_ticking_posg coin_game) (4 + t) count_ticks 0 == 1.
Proof. destruct t; vm_compute; reflexivity. Qed.

(** ** Theorem C *)
Theorem theorem_C :
  exists G : Aecg.game bool unit,
    (forall π t, Aecg.J G (4 + t) π 0 == 1 # 2) /\
    (forall π t, Posg.J (to_posg G) (4 + t) π 0 == 1 # 2) /\
    (exists π, forall t, Posg.J (to_ticking_posg G) (4 + t) π 0 == 1).
Proof.
  exists coin_game. split; [exact aecg_wins_half |]. split; [exact posg_wins_half |].
  exists count_ticks. exact ticking_posg_wins_surely.
Qed.
