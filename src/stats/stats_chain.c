/* What the errors of one comparison become in use: closed forms of chains, searches, merging,
 * alerts.
 *
 * Each takes measured rates and the sizes of the use that is meant. Small rates and large sizes
 * meet in 1 - (1 - f)^n, which is computed through log1p and expm1: 1 - f loses f's digits. Called
 * by the match trial's use*.c, with rates and with their limits. Never simulates and never follows
 * a person. */
#include "onus/stats_chain.h"

#include <stdbool.h>

#include "onus/sum.h"

static const char SHARES[] = "a rate lies outside [0, 1]";
static const char SIZES[] = "a size is not positive";

static bool is_share(double x) {
    return x >= 0.0 && x <= 1.0;
}

static bool is_size(double x) {
    return x > 0.0 && isfinite(x);
}

/* 1 - (1 - f)^n */
static double any_of(double f, double n) {
    return f >= 1.0 ? 1.0 : -expm1(n * log1p(-f));
}

/* ---- one link after another ---- */

onus_chain onus_chain_after(double correct, double wrong, uint32_t k) {
    const double linked = correct + wrong;
    const bool legal = correct >= 0.0 && wrong >= 0.0 && linked <= 1.0 + 1e-12 && k >= 1;
    const onus_number none =
        onus_number_none(legal ? "nothing is ever linked" : "rates of links lie outside [0, 1]");
    onus_chain out = {none, none, none, none, none, none};
    if (!legal) {
        return out;
    }
    const double hops = (double)k;
    out.reach = onus_number_of(pow(linked, hops));
    out.pure = onus_number_of(pow(correct, hops));
    if (!(linked > 0.0)) {
        return out;
    }
    const double right = correct / linked;
    const double any_wrong = any_of(wrong / linked, hops);
    /* the mean of the first k powers: a geometric sum, term by term where right is near 1 */
    onus_sum sum = {0};
    double power = 1.0;
    for (uint32_t h = 0; h < k && power > 0.0; h++) {
        power *= right;
        onus_sum_add(&sum, power);
    }
    out.on_target = onus_number_of(pow(right, hops));
    out.any_wrong = onus_number_of(any_wrong);
    out.purity = onus_number_of(onus_sum_get(&sum) / hops);
    out.bystanders = onus_number_of(hops * wrong / linked);
    return out;
}

/* ---- one search, every match linked ---- */

onus_hop onus_hop_of(double n, double fmr, double fnmr, double q) {
    const bool legal = is_share(fmr) && is_share(fnmr) && is_share(q);
    const onus_number none = onus_number_none(legal ? SIZES : SHARES);
    onus_hop out = {none, none, none, none, none, none};
    if (!legal || !is_size(n)) {
        return out;
    }
    const double right = q * (1.0 - fnmr);
    const double wrong = n * fmr;
    out.fpir = onus_number_of(any_of(fmr, n));
    out.wrong = onus_number_of(wrong);
    out.right = onus_number_of(right);
    out.precision = right + wrong > 0.0 ? onus_number_of(right / (right + wrong))
                                        : onus_number_none("nothing is ever linked");
    out.branching = onus_number_of(right + wrong);
    out.fmr_for_one = onus_number_of((1.0 - right) / n);
    return out;
}

onus_number onus_hop_wrong_after(double n, double fmr, double fnmr, double q, uint32_t k) {
    const onus_hop hop = onus_hop_of(n, fmr, fnmr, q);
    if (isnan(hop.branching.value)) {
        return hop.branching;
    }
    onus_sum sum = {0};
    double links = 1.0; /* of the hop before */
    for (uint32_t h = 0; h < k; h++) {
        onus_sum_add(&sum, hop.wrong.value * links);
        links *= hop.branching.value;
        if (!isfinite(links)) {
            return onus_number_none("more wrong people than a number can hold");
        }
    }
    return onus_number_of(onus_sum_get(&sum));
}

/* ---- everybody against everybody ---- */

onus_number onus_merge_critical(double n_people, double sightings_each) {
    if (!(n_people > 1.0) || !isfinite(n_people) || !is_size(sightings_each)) {
        return onus_number_none(SIZES);
    }
    return onus_number_of(-expm1(log1p(-1.0 / n_people) / (sightings_each * sightings_each)));
}

onus_number onus_merge_share(double n_people, double sightings_each, double fmr) {
    if (!is_share(fmr)) {
        return onus_number_none(SHARES);
    }
    if (!is_size(n_people) || !is_size(sightings_each)) {
        return onus_number_none(SIZES);
    }
    return onus_number_of(-expm1(-n_people * any_of(fmr, sightings_each * sightings_each)));
}

/* ---- alerts ---- */

onus_number onus_ppv(double prevalence, double tpir, double fpir) {
    if (!is_share(prevalence) || !is_share(tpir) || !is_share(fpir)) {
        return onus_number_none(SHARES);
    }
    const double right = prevalence * tpir;
    const double wrong = (1.0 - prevalence) * fpir;
    return right + wrong > 0.0 ? onus_number_of(right / (right + wrong))
                               : onus_number_none("there are no alerts");
}

onus_number onus_false_per_true(double prevalence, double tpir, double fpir) {
    if (!is_share(prevalence) || !is_share(tpir) || !is_share(fpir)) {
        return onus_number_none(SHARES);
    }
    const double right = prevalence * tpir;
    return right > 0.0 ? onus_number_of((1.0 - prevalence) * fpir / right)
                       : onus_number_none("there are no true alerts");
}

onus_number onus_fpir_of(double fmr, double n) {
    if (!is_share(fmr)) {
        return onus_number_none(SHARES);
    }
    return is_size(n) ? onus_number_of(any_of(fmr, n)) : onus_number_none(SIZES);
}

onus_number onus_fpir_bound(double fmr, double n) {
    const onus_number independent = onus_fpir_of(fmr, n);
    return isnan(independent.value) ? independent : onus_number_of(fmin(1.0, n * fmr));
}

onus_number onus_fpir_rescale(double fpir, double n, double m) {
    if (!is_size(n) || !is_size(m)) {
        return onus_number_none(SIZES);
    }
    return onus_fpir_of(fpir, m / n);
}
