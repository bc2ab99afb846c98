(** * Finite distributions over exact rationals

    A distribution is a list of (value, weight) pairs; the weights are rationals, none is negative,
    and they sum to 1. The same value may occur more than once. Two distributions are the same law,
    [mu ≈ nu], when every rational function has the same expectation under both. So permuting or
    merging equal values changes nothing, and no equality test on the values is needed. Where there
    is one, [mu ≈ nu] says that every value has the same probability (Probabilities.v). *)

From Coq Require Import QArith List Setoid Morphisms Lqa Bool.
Import ListNotations.
Open Scope Q_scope.

(** ** Definitions *)

(** The weighted sum [Σ w · f x] over a list of pairs [(x, w)]. *)
Fixpoint weighted_sum {X} (l : list (X * Q)) (f : X -> Q) : Q :=
  match l with
  | [] => 0
  | (x, w) :: rest => w * f x + weighted_sum rest f
  end.

Record dist (X : Type) := Dist {
  atoms : list (X * Q);
  atoms_nonneg : Forall (fun a => 0 <= snd a) atoms;
  atoms_total : weighted_sum atoms (fun _ => 1) == 1
}.
Arguments Dist {X}.
Arguments atoms {X}.
Arguments atoms_nonneg {X}.
Arguments atoms_total {X}.

(** Expectation. *)
Definition E {X} (mu : dist X) (f : X -> Q) : Q := weighted_sum (atoms mu) f.

(** Equality of laws. *)
Definition same_law {X} (mu nu : dist X) : Prop := forall f, E mu f == E nu f.
Infix "≈" := same_law (at level 70, no associativity).

(** Every value that is listed satisfies [P]. *)
Definition always {X} (P : X -> Prop) (mu : dist X) : Prop :=
  Forall (fun a => P (fst a)) (atoms mu).

(** A distribution from a list of weights, checked by computation. *)
Definition is_law {X} (l : list (X * Q)) : bool :=
  forallb (fun a => Qle_bool 0 (snd a)) l && Qeq_bool (weighted_sum l (fun _ => 1)) 1.

Lemma is_law_nonneg {X} (l : list (X * Q)) :
  is_law l = true -> Forall (fun a => 0 <= snd a) l.
Proof.
  intros H. apply andb_prop in H as [H _]. rewrite forallb_forall in H.
  apply Forall_forall. intros a Ha. now apply Qle_bool_iff, H.
Qed.

Lemma is_law_total {X} (l : list (X * Q)) :
  is_law l = true -> weighted_sum l (fun _ => 1) == 1.
Proof. intros H. apply andb_prop in H as [_ H]. now apply Qeq_bool_eq. Qed.

Definition law_of {X} (l : list (X * Q)) (ok : is_law l = true) : dist X :=
  Dist l (is_law_nonneg l ok) (is_law_total l ok).

(** ** Weighted sums *)

Lemma weighted_sum_app {X} (l m : list (X * Q)) f :
  weighted_sum (l ++ m) f == weighted_sum l f + weighted_sum m f.
Proof. induction l as [|[x w] l IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma weighted_sum_ext_in {X} (l : list (X * Q)) f g :
  Forall (fun a => f (fst a) == g (fst a)) l -> weighted_sum l f == weighted_sum l g.
Proof.
  induction 1 as [|[x w] l Hx _ IH]; simpl in *; [reflexivity | now rewrite Hx, IH].
Qed.

Lemma weighted_sum_ext {X} (l : list (X * Q)) f g :
  (forall x, f x == g x) -> weighted_sum l f == weighted_sum l g.
Proof. intros H. apply weighted_sum_ext_in, Forall_forall. auto. Qed.

Lemma weighted_sum_plus {X} (l : list (X * Q)) f g :
  weighted_sum l (fun x => f x + g x) == weighted_sum l f + weighted_sum l g.
Proof. induction l as [|[x w] l IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma weighted_sum_scale {X} (l : list (X * Q)) c f :
  weighted_sum l (fun x => c * f x) == c * weighted_sum l f.
Proof. induction l as [|[x w] l IH]; simpl; [ring | rewrite IH; ring]. Qed.

(** ** The monad: sure values, and draws that depend on draws *)

Lemma ret_total {X} (x : X) : weighted_sum [(x, 1)] (fun _ => 1) == 1.
Proof. simpl. ring. Qed.

Lemma ret_nonneg {X} (x : X) : Forall (fun a => 0 <= snd a) [(x, 1)].
Proof. constructor; [simpl; lra | constructor]. Qed.

(** The point mass. *)
Definition ret {X} (x : X) : dist X := Dist [(x, 1)] (ret_nonneg x) (ret_total x).

Definition scaled {X} (w : Q) (l : list (X * Q)) : list (X * Q) :=
  map (fun a => (fst a, w * snd a)) l.

Definition bind_atoms {X Y} (l : list (X * Q)) (k : X -> dist Y) : list (Y * Q) :=
  flat_map (fun a => scaled (snd a) (atoms (k (fst a)))) l.

Lemma weighted_sum_scaled {X} w (l : list (X * Q)) f :
  weighted_sum (scaled w l) f == w * weighted_sum l f.
Proof. induction l as [|[x v] l IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma weighted_sum_bind {X Y} (l : list (X * Q)) (k : X -> dist Y) f :
  weighted_sum (bind_atoms l k) f == weighted_sum l (fun x => E (k x) f).
Proof.
  induction l as [|[x w] l IH]; simpl; [reflexivity |].
  now rewrite weighted_sum_app, weighted_sum_scaled, IH.
Qed.

Lemma bind_nonneg {X Y} (mu : dist X) (k : X -> dist Y) :
  Forall (fun a => 0 <= snd a) (bind_atoms (atoms mu) k).
Proof.
  apply Forall_flat_map. apply Forall_impl with (2 := atoms_nonneg mu). intros [x w] Hw.
  apply Forall_map. apply Forall_impl with (2 := atoms_nonneg (k x)). intros [y v] Hv.
  simpl in *. now apply Qmult_le_0_compat.
Qed.

Lemma bind_total {X Y} (mu : dist X) (k : X -> dist Y) :
  weighted_sum (bind_atoms (atoms mu) k) (fun _ => 1) == 1.
Proof.
  rewrite weighted_sum_bind, <- (atoms_total mu).
  apply weighted_sum_ext. intros x. apply atoms_total.
Qed.

(** Draw [x] from [mu], then from [k x]. *)
Definition bind {X Y} (mu : dist X) (k : X -> dist Y) : dist Y :=
  Dist (bind_atoms (atoms mu) k) (bind_nonneg mu k) (bind_total mu k).

Notation "x <- mu ;; k" := (bind mu (fun x => k))
  (at level 61, mu at next level, right associativity).
Notation "' p <- mu ;; k" := (bind mu (fun 'p => k))
  (at level 61, p strict pattern, mu at next level, right associativity).

(** The law of [f x] where [x] is drawn from [mu]. *)
Definition law_map {X Y} (f : X -> Y) (mu : dist X) : dist Y := x <- mu;; ret (f x).

(** ** Expectations *)

Lemma E_ret {X} (x : X) f : E (ret x) f == f x.
Proof. unfold E. simpl. ring. Qed.

Lemma E_bind {X Y} (mu : dist X) (k : X -> dist Y) f : E (bind mu k) f == E mu (fun x => E (k x) f).
Proof. apply weighted_sum_bind. Qed.

Lemma E_ext {X} (mu : dist X) f g : (forall x, f x == g x) -> E mu f == E mu g.
Proof. apply weighted_sum_ext. Qed.

Lemma E_ext_always {X} (P : X -> Prop) (mu : dist X) f g :
  always P mu -> (forall x, P x -> f x == g x) -> E mu f == E mu g.
Proof. intros HP H. apply weighted_sum_ext_in. apply Forall_impl with (2 := HP). auto. Qed.

Lemma E_law_map {X Y} (h : X -> Y) (mu : dist X) f : E (law_map h mu) f == E mu (fun x => f (h x)).
Proof. unfold law_map. rewrite E_bind. apply E_ext. intros x. apply E_ret. Qed.

Lemma E_plus {X} (mu : dist X) f g : E mu (fun x => f x + g x) == E mu f + E mu g.
Proof. apply weighted_sum_plus. Qed.

Lemma E_scale {X} (mu : dist X) c f : E mu (fun x => c * f x) == c * E mu f.
Proof. apply weighted_sum_scale. Qed.

Lemma E_const {X} (mu : dist X) c : E mu (fun _ => c) == c.
Proof.
  transitivity (c * E mu (fun _ => 1)); [| unfold E; rewrite atoms_total; ring].
  rewrite <- E_scale. apply E_ext. intros _. ring.
Qed.

Lemma weighted_sum_swap {X Y} (l : list (X * Q)) (m : list (Y * Q)) (f : X -> Y -> Q) :
  weighted_sum l (fun x => weighted_sum m (f x)) ==
  weighted_sum m (fun y => weighted_sum l (fun x => f x y)).
Proof.
  induction l as [|[x w] l IH]; simpl.
  - induction m as [|[y v] m IHm]; simpl; [reflexivity | rewrite <- IHm; ring].
  - rewrite IH, weighted_sum_plus, weighted_sum_scale. reflexivity.
Qed.

(** ** Laws form a setoid that [bind] respects *)

#[export] Instance same_law_equivalence {X} : Equivalence (@same_law X).
Proof.
  split.
  - intros mu f. reflexivity.
  - intros mu nu H f. symmetry. apply H.
  - intros mu nu rho H1 H2 f. now rewrite (H1 f), (H2 f).
Qed.

Lemma bind_congruence {X Y} (mu nu : dist X) (k l : X -> dist Y) :
  mu ≈ nu -> (forall x, k x ≈ l x) -> bind mu k ≈ bind nu l.
Proof. intros Hmu Hk f. rewrite !E_bind, (Hmu _). apply E_ext. intros x. apply Hk. Qed.

#[export] Instance bind_proper {X Y} :
  Proper (same_law ==> pointwise_relation X same_law ==> same_law) (@bind X Y).
Proof. intros mu nu Hmu k l Hk. now apply bind_congruence. Qed.

#[export] Instance law_map_proper {X Y} (f : X -> Y) : Proper (same_law ==> same_law) (law_map f).
Proof. intros mu nu H. unfold law_map. now rewrite H. Qed.

(** To compare two draws from the same [mu], compare what follows, drawn value by drawn value. *)
Lemma bind_ext {X Y} (mu : dist X) (k l : X -> dist Y) :
  (forall x, k x ≈ l x) -> bind mu k ≈ bind mu l.
Proof. apply bind_congruence. reflexivity. Qed.

Lemma bind_ext_always {X Y} (P : X -> Prop) (mu : dist X) (k l : X -> dist Y) :
  always P mu -> (forall x, P x -> k x ≈ l x) -> bind mu k ≈ bind mu l.
Proof.
  intros HP H f. rewrite !E_bind. apply E_ext_always with (P := P); [exact HP |].
  intros x Hx. now apply H.
Qed.

(** ** Monad laws, independence *)

Lemma bind_ret_l {X Y} (x : X) (k : X -> dist Y) : bind (ret x) k ≈ k x.
Proof. intros f. now rewrite E_bind, E_ret. Qed.

Lemma bind_ret_r {X} (mu : dist X) : (x <- mu;; ret x) ≈ mu.
Proof. intros f. rewrite E_bind. apply E_ext. intros x. apply E_ret. Qed.

Lemma bind_assoc {X Y Z} (mu : dist X) (k : X -> dist Y) (l : Y -> dist Z) :
  bind (bind mu k) l ≈ (x <- mu;; bind (k x) l).
Proof. intros f. rewrite !E_bind. apply E_ext. intros x. symmetry. apply E_bind. Qed.

(** Independent draws commute. *)
Lemma bind_swap {X Y Z} (mu : dist X) (nu : dist Y) (k : X -> Y -> dist Z) :
  (x <- mu;; y <- nu;; k x y) ≈ (y <- nu;; x <- mu;; k x y).
Proof.
  intros f. rewrite !E_bind.
  transitivity (E mu (fun x => E nu (fun y => E (k x y) f))).
  - apply E_ext. intros x. apply E_bind.
  - unfold E at 1 2. rewrite weighted_sum_swap. apply weighted_sum_ext. intros y.
    symmetry. apply E_bind.
Qed.

(** A draw that nothing looks at changes nothing: this is where weights summing to 1 matters. *)
Lemma bind_ignore {X Y} (mu : dist X) (nu : dist Y) : (_ <- mu;; nu) ≈ nu.
Proof. intros f. rewrite E_bind. apply E_const. Qed.

Lemma law_map_ret {X Y} (f : X -> Y) x : law_map f (ret x) ≈ ret (f x).
Proof. apply (bind_ret_l x (fun y => ret (f y))). Qed.

Lemma law_map_bind {X Y Z} (f : Y -> Z) (mu : dist X) (k : X -> dist Y) :
  law_map f (bind mu k) ≈ (x <- mu;; law_map f (k x)).
Proof. apply (bind_assoc mu k (fun y => ret (f y))). Qed.

Lemma bind_law_map {X Y Z} (f : X -> Y) (mu : dist X) (k : Y -> dist Z) :
  bind (law_map f mu) k ≈ (x <- mu;; k (f x)).
Proof. unfold law_map. rewrite bind_assoc. apply bind_ext. intros x. apply bind_ret_l. Qed.

Lemma law_map_law_map {X Y Z} (g : Y -> Z) (f : X -> Y) (mu : dist X) :
  law_map g (law_map f mu) ≈ law_map (fun x => g (f x)) mu.
Proof. apply (bind_law_map f mu (fun y => ret (g y))). Qed.

Lemma law_map_id_always {X} (P : X -> Prop) (f : X -> X) (mu : dist X) :
  always P mu -> (forall x, P x -> f x = x) -> law_map f mu ≈ mu.
Proof.
  intros HP H. rewrite <- (bind_ret_r mu) at 2. unfold law_map.
  apply bind_ext_always with (P := P); [exact HP |].
  intros x Hx. now rewrite (H x Hx).
Qed.

(** ** What always holds *)

Lemma always_ret {X} (P : X -> Prop) x : P x -> always P (ret x).
Proof. intros H. constructor; [exact H | constructor]. Qed.

Lemma always_bind {X Y} (P : X -> Prop) (R : Y -> Prop) (mu : dist X) (k : X -> dist Y) :
  always P mu -> (forall x, P x -> always R (k x)) -> always R (bind mu k).
Proof.
  intros HP HR. apply Forall_flat_map. apply Forall_impl with (2 := HP). intros [x w] Hx.
  apply Forall_map. apply Forall_impl with (2 := HR x Hx). auto.
Qed.

Lemma always_true {X} (mu : dist X) : always (fun _ => True) mu.
Proof. apply Forall_forall. auto. Qed.

Lemma always_bind_any {X Y} (R : Y -> Prop) (mu : dist X) (k : X -> dist Y) :
  (forall x, always R (k x)) -> always R (bind mu k).
Proof. intros H. apply always_bind with (P := fun _ => True); [apply always_true | auto]. Qed.

Lemma always_impl {X} (P R : X -> Prop) (mu : dist X) :
  always P mu -> (forall x, P x -> R x) -> always R mu.
Proof. intros HP H. apply Forall_impl with (2 := HP). auto. Qed.

(** Leave these as they are written when simplifying. *)
#[global] Arguments E : simpl never.
#[global] Arguments ret : simpl never.
#[global] Arguments bind : simpl never.
