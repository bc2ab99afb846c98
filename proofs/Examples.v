(** * Two small games, converted and evaluated

    The first: two agents, a joint observation kernel, ⊥, random rewards, a per-state discount and
    a terminal state. In state 0 both agents act; with equal actions play goes on to state 1 with
    probability 1/2, otherwise it stays. Both hear the same noisy bit, except that agent 1 sees ⊥ in
    state 1. There only agent 0 acts, and play ends in state 2. *)

From Coq Require Import QArith List Bool PeanoNat.
From Equilibrist Require Import Dist Runs Agents PosgToAecg AecgToPosg Tables.
From Equilibrist Require Posg Aecg Staged Forms.
Import ListNotations.
Open Scope Q_scope.

(** ** The game *)

(** The bit 0 or 1, heard as it is with probability 3/4. *)
Definition noisy (bit : nat) : dist nat := law_of [(bit, 3 # 4); (1 - bit, 1 # 4)%nat] eq_refl.

Definition hear (s : nat) : dist (list (option nat)) :=
  o <- noisy (s mod 2);; ret [Some o; if Nat.eqb s 1 then None else Some o].

Definition agree (a : list (option nat)) : bool := option_eqb Nat.eqb (nth 0 a None) (nth 1 a None).

Lemma hear_fits s : always (fun os => length os = 2%nat) (hear s).
Proof. apply always_bind_any. intros o. now apply always_ret. Qed.

Definition demo_initial : dist (nat * list (option nat)) := os <- hear 0;; ret (0%nat, os).

Lemma demo_initial_fits : always (fun so => length (snd so) = 2%nat) demo_initial.
Proof. eapply always_bind; [apply hear_fits |]. intros os H. now apply always_ret. Qed.

Definition demo_transition (s : nat) (a : list (option nat)) : dist nat :=
  match s with
  | O => if agree a then law_of [(0, 1 # 2); (1, 1 # 2)]%nat eq_refl else ret 0%nat
  | _ => ret 2%nat
  end.

Definition demo_reward (s : nat) (a : list (option nat)) (_ : nat) : dist (list Q) :=
  match s, a with
  | 1%nat, Some 1%nat :: _ => law_of [([1; -(1)], 1 # 3); ([0; 2], 2 # 3)] eq_refl
  | _, _ => ret [if agree a then 1 else 0; 0]
  end.

Definition demo : Posg.game nat nat :=
  Posg.Game nat 2 demo_initial demo_transition demo_reward (fun s _ => hear s)
    (fun s => if Nat.eqb s 0 then 1 # 2 else 9 # 10) (Nat.eqb 2)
    demo_initial_fits (fun s _ => hear_fits s).

(** Agent 0 repeats what it heard; agent 1 mixes, and leans to its first observation. *)
Definition demo_profile : profile nat nat := fun i h =>
  match i, h with
  | O, _ => match last h (Saw O) with Saw o => ret o | Did _ => ret O end
  | _, Saw o :: _ => law_of [(o, 2 # 3); (0, 1 # 6); (1, 1 # 6)]%nat eq_refl
  | _, _ => ret O
  end.

(** ** Values, computed in both games on their own

    Two POSG steps are seven AECG steps. 19/18 and 5/32 are also what a recursion over histories,
    written apart from these files, gives. *)

Example demo_values :
  map (fun i => Qred (Posg.J demo 2 demo_profile i)) [0; 1]%nat = [19 # 18; 5 # 32].
Proof. vm_compute. reflexivity. Qed.

Example demo_aecg_values :
  map (fun i => Qred (Aecg.J (to_aecg demo) 7 demo_profile i)) [0; 1]%nat = [19 # 18; 5 # 32].
Proof. vm_compute. reflexivity. Qed.

Example demo_round_trip_value :
  Qred (Posg.J (to_posg (to_aecg demo)) 4 demo_profile 0) = Qred (Posg.J demo 1 demo_profile 0).
Proof. vm_compute. reflexivity. Qed.

(** ** The AECG, state by state *)

Definition demo_aecg : Aecg.game nat nat := to_aecg demo.
Definition demo_eqb : Aecg.state demo_aecg -> Aecg.state demo_aecg -> bool :=
  in_turn_eqb Nat.eqb (option_eqb Nat.eqb) Nat.eqb.
Definition bits (_ : nat) : list nat := [0; 1]%nat.
Definition any_action (_ _ _ : nat) : bool := true.

(** The start, ten states of rounds in state 0, six in state 1, two ends (one per waiting bit). *)
Definition demo_states := reachable demo_aecg demo_eqb Nat.eqb bits any_action 100.

Example demo_state_count : length demo_states = 19%nat.
Proof. vm_compute. reflexivity. Qed.

(** States of the AECG: a round at its beginning, and in its course. *)
Definition waiting (s : nat) (os : list (option nat)) : Aecg.state demo_aecg :=
  Staged.round (staged demo) s os.

Definition mid (s : nat) (slots : list (Staged.slot (option nat) nat)) (m : Aecg.mover)
  : Aecg.state demo_aecg := Staged.Round s slots m.

(** Agent 0 has heard 1 and is on the move: it sees 1, and its choice goes into its slot. *)
Example demo_agent_row :
  row demo_aecg demo_eqb Nat.eqb bits any_action (waiting 0 [Some 1; Some 1]%nat, Aecg.Agent 0) =
  (1, false, [(Some 1%nat, 1)],
   map (fun a => (Some a, [(mid 0 [Staged.Chosen (Some a); Staged.Held (Some 1%nat)] (Aecg.Agent 1),
                            [0; 0], Aecg.Agent 1, 1)]))
     [0; 1]%nat).
Proof. vm_compute. reflexivity. Qed.

(** Both chose 0: the environment pays 1 to agent 0, discounts by 1/2 and begins the next round. *)
Example demo_environment_row :
  row demo_aecg demo_eqb Nat.eqb bits any_action
    (mid 0 [Staged.Chosen (Some 0%nat); Staged.Chosen (Some 0%nat)] Aecg.Environment,
     Aecg.Environment) =
  (1 # 2, false, [],
   [(None, [(waiting 0 [Some 0; Some 0]%nat, [1; 0], Aecg.Agent 0, 3 # 8);
            (waiting 0 [Some 1; Some 1]%nat, [1; 0], Aecg.Agent 0, 1 # 8);
            (waiting 1 [Some 1; None]%nat, [1; 0], Aecg.Agent 0, 3 # 8);
            (waiting 1 [Some 0; None]%nat, [1; 0], Aecg.Agent 0, 1 # 8)])]).
Proof. vm_compute. reflexivity. Qed.

(** The same state in the POSG made back from the AECG: nobody but the next mover sees anything. *)
Example demo_posg_row :
  posg_row demo_aecg demo_eqb Nat.eqb bits any_action (waiting 0 [Some 1; Some 1]%nat, Aecg.Agent 0) =
  (1, false, [([Some 1%nat; None], 1)],
   map (fun a => (Some a, [((mid 0 [Staged.Chosen (Some a); Staged.Held (Some 1%nat)] (Aecg.Agent 1),
                             Aecg.Agent 1), [0; 0], 1)]))
     [0; 1]%nat).
Proof. vm_compute. reflexivity. Qed.

(** ** Factored observations

    The state is agent 0's last action, at first 0. Agent 0 gets 1 for repeating it. It first sees
    the start symbol (2); later it hears its own last action, wrongly with probability 1/4. Agent 1
    sees 0 whatever it does, and has one action. *)

Definition echo_observe (i : nat) (_ : nat) (a : option nat) : dist (option nat) :=
  match i, a with
  | O, Some a => law_map Some (noisy a)
  | _, _ => ret (Some 0%nat)
  end.

Lemma echo_uses_sound i s a :
  Nat.eqb i 0 = false -> echo_observe i s a ≈ echo_observe i s None.
Proof. now destruct i. Qed.

Definition echo : Forms.game nat nat :=
  Forms.Game nat 2 (ret 0%nat)
    (Forms.FirstFactored (fun _ _ => ret (Some 2%nat)))
    (fun _ a => match nth 0 a None with Some x => ret x | None => ret 0%nat end)
    (fun s a _ => ret [if option_eqb Nat.eqb (nth 0 a None) (Some s) then 1 else 0; 0])
    (Forms.Factored echo_observe (fun i _ => Nat.eqb i 0) echo_uses_sound)
    (fun _ => 1 # 2) (fun _ => false).

(** Agent 0 begins at random and then repeats what it hears: 1/2 + 1/2 · 3/4. *)
Definition echo_profile : profile nat nat := fun i h =>
  match i, last h (Saw 0%nat) with
  | O, Saw 2%nat => law_of [(0, 1 # 2); (1, 1 # 2)]%nat eq_refl
  | O, Saw o => ret o
  | _, _ => ret 0%nat
  end.

Example echo_value : Qred (Posg.J (Forms.to_posg echo) 2 echo_profile 0) = 7 # 8.
Proof. vm_compute. reflexivity. Qed.

Example echo_aecg_value : Qred (Aecg.J (Forms.to_aecg echo) 7 echo_profile 0) = 7 # 8.
Proof. vm_compute. reflexivity. Qed.

Definition echo_eqb := in_turn_eqb Nat.eqb (held_eqb Nat.eqb Nat.eqb) Nat.eqb.

(** The start; in the first round 1 and 2 states of the agents; in later rounds 2 and 4; and 4 of the
    environment. Agent 1's slot keeps nothing, since its observation ignores its action. *)
Example echo_state_count :
  length (reachable (Forms.to_aecg echo) echo_eqb Nat.eqb
            (fun i => if Nat.eqb i 0 then [0; 1] else [0])%nat any_action 100) = 14%nat.
Proof. vm_compute. reflexivity. Qed.
