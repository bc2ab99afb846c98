(** * Equality of laws is equality of probabilities

    Needed nowhere else; it says that [≈] is the right notion. *)

From Coq Require Import QArith List Bool.
From Equilibrist Require Import Dist.
Import ListNotations.
Open Scope Q_scope.

Section Probabilities.
  Context {X : Type} (eq_dec : forall x y : X, {x = y} + {x <> y}).

  Definition indicator (x y : X) : Q := if eq_dec x y then 1 else 0.

  Definition prob (mu : dist X) (x : X) : Q := E mu (indicator x).

  Fixpoint plain_sum (xs : list X) (f : X -> Q) : Q :=
    match xs with
    | [] => 0
    | x :: rest => f x + plain_sum rest f
    end.

  Lemma plain_sum_ext xs f g : (forall x, f x == g x) -> plain_sum xs f == plain_sum xs g.
  Proof. intros H. induction xs as [|x xs IH]; simpl; [reflexivity | now rewrite IH, H]. Qed.

  (** [f y = Σ_x 1[x = y] f x] over any duplicate-free list that contains [y]. *)
  Lemma plain_sum_indicator xs y f :
    NoDup xs -> plain_sum xs (fun x => indicator x y * f x) == if in_dec eq_dec y xs then f y else 0.
  Proof.
    induction 1 as [|x xs Hx _ IH]; simpl; [reflexivity |].
    rewrite IH. unfold indicator. destruct (eq_dec x y) as [-> | Hne].
    - destruct (in_dec eq_dec y xs) as [Hin | _]; [contradiction | ring].
    - destruct (in_dec eq_dec y xs); ring.
  Qed.

  Lemma plain_sum_weighted_sum xs (l : list (X * Q)) f :
    plain_sum xs (fun x => weighted_sum l (indicator x) * f x) ==
    weighted_sum l (fun y => plain_sum xs (fun x => indicator x y * f x)).
  Proof.
    induction xs as [|x xs IH]; simpl.
    - induction l as [|[y w] l IHl]; simpl; [reflexivity | rewrite <- IHl; ring].
    - rewrite IH, weighted_sum_plus. apply Qplus_comp; [| reflexivity].
      rewrite Qmult_comm, <- weighted_sum_scale. apply weighted_sum_ext. intros y. ring.
  Qed.

  Lemma E_as_sum_of_probs (mu : dist X) xs f :
    NoDup xs -> always (fun x => In x xs) mu -> E mu f == plain_sum xs (fun x => prob mu x * f x).
  Proof.
    intros Hnd Hin. unfold prob, E. rewrite plain_sum_weighted_sum.
    apply E_ext_always with (P := fun x => In x xs); [exact Hin |].
    intros y Hy. rewrite plain_sum_indicator by assumption.
    destruct (in_dec eq_dec y xs); [reflexivity | contradiction].
  Qed.

  Theorem same_law_iff_prob (mu nu : dist X) : mu ≈ nu <-> forall x, prob mu x == prob nu x.
  Proof.
    split; [intros H x; apply H |]. intros H f.
    set (xs := nodup eq_dec (map fst (atoms mu) ++ map fst (atoms nu))).
    assert (Hnd : NoDup xs) by apply NoDup_nodup.
    assert (Hmu : always (fun x => In x xs) mu).
    { apply Forall_forall. intros a Ha. apply nodup_In, in_or_app. left. now apply in_map. }
    assert (Hnu : always (fun x => In x xs) nu).
    { apply Forall_forall. intros a Ha. apply nodup_In, in_or_app. right. now apply in_map. }
    rewrite (E_as_sum_of_probs mu xs), (E_as_sum_of_probs nu xs) by assumption.
    apply plain_sum_ext. intros x. now rewrite H.
  Qed.
End Probabilities.
