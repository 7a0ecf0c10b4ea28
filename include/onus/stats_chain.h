/* What the errors of one comparison become in use: hops along a trail, searches of a list, alerts
 * of a day, people merged with others.
 *
 * Closed forms; every argument outside its domain gives NaN with the reason. All are monotone in
 * each error rate, so the limits of a measured rate carried through give the limits of the result.
 */
#ifndef ONUS_STATS_CHAIN_H
#define ONUS_STATS_CHAIN_H

#include <stdint.h>

#include "onus/stats_number.h"

/* ---- one link after another: at each hop correct with c, wrong with w, lost with 1 - c - w ----
 */
typedef struct onus_chain {
    onus_number reach;     /* P(trail has k hops) = (c + w)^k */
    onus_number pure;      /* P(k hops, all correct) = c^k */
    onus_number on_target; /* P(all correct | it has k hops) = (c / (c + w))^k */
    onus_number any_wrong; /* 1 - on_target */
    onus_number
        purity; /* expected share of links that are the person sought, given k hops: once
                   wrong, the trail follows somebody else: 1 / k sum_{h=1..k} (c / (c + w))^h */
    onus_number bystanders; /* expected wrong links, given k hops: k w / (c + w) */
} onus_chain;

/** c, w >= 0, c + w <= 1, k >= 1. Given that nothing is ever linked (c + w = 0), what is
 * conditional on reaching k is undefined. */
onus_chain onus_chain_after(double correct, double wrong, uint32_t k);

/* ---- one search of n people, all above the threshold linked; the person is among them with q ----
 */
typedef struct onus_hop {
    onus_number fpir;        /* 1 - (1 - FMR)^n: at least one wrong, comparisons independent */
    onus_number wrong;       /* n FMR */
    onus_number right;       /* q (1 - FNMR) */
    onus_number precision;   /* right / (right + wrong) */
    onus_number branching;   /* right + wrong; 1 or more: the trail grows without end */
    onus_number fmr_for_one; /* FMR at which branching is 1: (1 - q (1 - FNMR)) / n; at least 0 */
} onus_hop;

onus_hop onus_hop_of(double n, double fmr, double fnmr, double q);
/** Expected wrong people after k hops if every link is followed: n FMR (b^k - 1) / (b - 1), k n FMR
 *  where b = 1. */
onus_number onus_hop_wrong_after(double n, double fmr, double fnmr, double q, uint32_t k);

/* ---- everybody against everybody, links joined ---- */
/** P people with s sightings each: FMR at which everybody is linked to one other on average,
 *  1 - (1 - 1 / P)^(1 / s^2), about 1 / (P s^2): from there on most are in one cluster. */
onus_number onus_merge_critical(double n_people, double sightings_each);
/** Share of people merged with somebody else, to be expected: 1 - exp(-P [1 - (1 - f)^(s^2)]). */
onus_number onus_merge_share(double n_people, double sightings_each, double fmr);

/* ---- alerts ---- */
/** pi TPIR / (pi TPIR + (1 - pi) FPIR): the share of alerts that are right. Undefined without
 * alerts. */
onus_number onus_ppv(double prevalence, double tpir, double fpir);
/** (1 - pi) FPIR / (pi TPIR). Undefined without true alerts. */
onus_number onus_false_per_true(double prevalence, double tpir, double fpir);
/** FPIR on a list of n people from a rate by comparison: 1 - (1 - FMR)^n, if the n comparisons of a
 *  search are independent. */
onus_number onus_fpir_of(double fmr, double n);
/** At most n FMR (and 1), whatever hangs together with what (Boole). */
onus_number onus_fpir_bound(double fmr, double n);
/** FPIR from a list of n people to one of m, if comparisons are independent: 1 - (1 - FPIR)^(m /
 * n). */
onus_number onus_fpir_rescale(double fpir, double n, double m);

#endif
