#!/bin/bash
# Checks the proofs: compiles them from clean, without warnings, unproven steps or assumptions.
# Works in a temporary copy; leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")"

fail() { echo "proofs: $*" >&2; exit 1; }

if ! command -v coqc >/dev/null; then
    install="apt-get install -y --no-install-recommends coq"
    [ "$(id -u)" -eq 0 ] || fail "Coq is missing; install it with: sudo $install"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null
fi

mapfile -t files < <(grep '\.v$' _CoqProject)
[ "$(printf '%s\n' "${files[@]}" | sort)" = "$(printf '%s\n' *.v | sort)" ] ||
    fail "_CoqProject must list the files of this folder, each once"

# Comments out (they nest), then no unproven step, no assumption, no check switched off.
code() { perl -0777 -pe '1 while s/\(\*(?:(?!\(\*|\*\)).)*\*\)/ /sg' "$1"; }
forbidden='\b(Admitted|admit|give_up|Abort|Axioms?|Parameters?|Conjectures?|Declare|bypass_check)\b|\bUnset +(Guard|Positivity|Universe)'
outside='^ *(Local +|Global +|#\[[a-z]+\] +)*(Hypothes[ie]s|Variables?|Context)\b'
for file in "${files[@]}"; do
    if code "$file" | grep -nE "$forbidden"; then fail "$file has an unproven step or an assumption"; fi
    if code "$file" | awk '/^ *Section /{d++} /^ *End /{d--} !d' | grep -nE "$outside"; then
        fail "$file has a hypothesis outside a section"
    fi
done

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cp -- *.v "$build"
cd "$build"
began=$SECONDS
for file in "${files[@]}"; do
    coqc -Q . Equilibrist -w +default "$file" >"$file.out" 2>&1 || { cat "$file.out" >&2; fail "$file does not compile"; }
    if grep -i warning "$file.out"; then fail "$file compiles with a warning"; fi
done

# One answer per theorem, and each must be the same.
mapfile -t theorems < <(sed -n 's/^Print Assumptions \(.*\)\.$/\1/p' Assumptions.v)
mapfile -t answers <Assumptions.v.out
closed=0
for k in "${!theorems[@]}"; do
    echo "${theorems[$k]}: ${answers[$k]:-no answer}"
    [ "${answers[$k]:-}" = "Closed under the global context" ] && closed=$((closed + 1))
done
[ "${#theorems[@]}" -gt 0 ] && [ "$closed" -eq "${#theorems[@]}" ] && [ "${#answers[@]}" -eq "$closed" ] ||
    fail "a theorem rests on an assumption"

# Once more, by the checker that shares no proof search with the compiler.
verdict=$(coqchk -silent -o -Q . Equilibrist Equilibrist.Assumptions 2>&1) || fail "coqchk: $verdict"
[ "$(grep -c '<none>' <<<"$verdict")" -eq 4 ] || fail "coqchk: $verdict"

echo "proofs: ${#files[@]} files and $closed theorems checked in $((SECONDS - began)) s"
