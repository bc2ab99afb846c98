(** * What the theorems rest on

    Nothing but Coq itself: each line must answer "Closed under the global context". *)

From Equilibrist Require Import Probabilities PosgToAecg AecgToPosg Equilibria RoundTrips.
From Equilibrist Require Import Ticks Histories Tables Examples.
From Equilibrist Require StagedProof Forms.

Print Assumptions same_law_iff_prob.
Print Assumptions theorem_A.
Print Assumptions theorem_A_returns.
Print Assumptions StagedProof.theorem_A_staged.
Print Assumptions Forms.theorem_A_forms.
Print Assumptions Forms.theorem_A_forms_returns.
Print Assumptions theorem_B.
Print Assumptions theorem_B_extract.
Print Assumptions theorem_B_returns.
Print Assumptions theorem_C.
Print Assumptions best_responses_A.
Print Assumptions regrets_A.
Print Assumptions equilibria_A.
Print Assumptions best_responses_A_forms.
Print Assumptions regrets_A_forms.
Print Assumptions equilibria_A_forms.
Print Assumptions best_responses_B.
Print Assumptions regrets_B.
Print Assumptions equilibria_B.
Print Assumptions posg_round_trip.
Print Assumptions posg_round_trip_returns.
Print Assumptions aecg_round_trip.
Print Assumptions aecg_round_trip_returns.
Print Assumptions posg_history_from_record.
Print Assumptions aecg_history_from_record.
Print Assumptions table_sound.
Print Assumptions demo_values.
Print Assumptions demo_aecg_values.
