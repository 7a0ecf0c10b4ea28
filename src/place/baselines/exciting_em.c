/* One step of EM for the gridded self-exciting process: see the header for the equations.
 *
 * One pass over the events, cell by cell, each cell from its oldest event. Rates of a cell are
 * multiplied up and their logarithm is taken when the product leaves the safe range: a logarithm
 * costs as much as the rest of an event. Sums within a cell are plain (their terms are of one
 * sign), those over cells compensated. Called by self_exciting.c. Never orders events, never knows
 * a place. */
#include "exciting_em.h"

#include <math.h>

#include "onus/sum.h"

/* A product of rates in [SMALL, LARGE] may take one more factor within [SMALL, LARGE]. */
#define SMALL 0x1p-400
#define LARGE 0x1p400

/* sum of count log(rate), exact in its terms: whole products where counts are 1. */
typedef struct log_product {
    double product;
    onus_sum sum;
} log_product;

static inline void multiply(log_product *p, double rate, double count) {
    if (count != 1.0 || rate < SMALL || rate > LARGE) {
        onus_sum_add(&p->sum, count * log(rate));
        return;
    }
    p->product *= rate;
    if (p->product < SMALL || p->product > LARGE) {
        onus_sum_add(&p->sum, log(p->product));
        p->product = 1.0;
    }
}

double exciting_em_step(const exciting_events *events, exciting_rates *rates) {
    const double *const time = events->time_days;
    const double *const count = events->count;
    const double span_days = events->end_days - events->begin_days;
    const double omega = rates->omega_per_day;
    const double jump = rates->theta * omega;
    log_product likelihood = {.product = 1.0};
    onus_sum all = {0};
    onus_sum set_off = {0}; /* sum of p_ij */
    onus_sum waited = {0};  /* sum of p_ij (t_j - t_i) */
    onus_sum ground = {0};  /* sum of mu before the step */
    for (size_t n = 0; n < events->n_cells; n++) {
        const size_t until = events->until[n];
        size_t j = events->from[n];
        if (j >= until) {
            rates->mu_per_day[n] = 0.0;
            continue;
        }
        const double mu = rates->mu_per_day[n];
        onus_sum_add(&ground, mu);
        /* the oldest has no parent: all of it is background */
        multiply(&likelihood, mu, count[j]);
        double cell_all = count[j];
        double cell_set_off = 0.0;
        double cell_waited = 0.0;
        double a = 0.0;
        double b = 0.0;
        for (j++; j < until; j++) {
            const double gap = time[j] - time[j - 1];
            const double kept = exp(-omega * gap);
            const double weight = a + count[j - 1];
            b = kept * (b + gap * weight);
            a = kept * weight;
            const double rate = mu + jump * a;
            const double share = count[j] * jump / rate;
            cell_set_off += share * a;
            cell_waited += share * b;
            cell_all += count[j];
            multiply(&likelihood, rate, count[j]);
        }
        onus_sum_add(&all, cell_all);
        onus_sum_add(&set_off, cell_set_off);
        onus_sum_add(&waited, cell_waited);
        rates->mu_per_day[n] = (cell_all - cell_set_off) / span_days;
    }
    const double n_events = onus_sum_get(&all);
    if (!(n_events > 0.0)) {
        return 0.0;
    }
    onus_sum_add(&likelihood.sum, log(likelihood.product));
    const double objective =
        onus_sum_get(&likelihood.sum) - span_days * onus_sum_get(&ground) - n_events * rates->theta;
    const double n_set_off = onus_sum_get(&set_off);
    const double days = onus_sum_get(&waited);
    rates->theta = n_set_off / n_events;
    if (days > 0.0 && n_set_off > 0.0 && isfinite(n_set_off / days)) {
        rates->omega_per_day = n_set_off / days; /* else no event has another before it */
    }
    return objective;
}
