/* Who lives in the teaching city, and how often the vendor's product flags where they live.
 *
 * The idea: groups live apart, in patches a few areas wide; the product's rate on an area rises
 * with the share of Bremmer residents and varies with things that have nothing to do with them. How
 * steeply it rises is solved for, so that the ratio of expected exposures is exactly the planted
 * one. The census is a sample: what is published differs from who lives there by as much as its
 * margins say.
 *
 * Called by place.c after the map. Nothing here reads what the trial computes. */
#include <math.h>
#include <string.h>

#include "example_internal.h"
#include "onus/sum.h"

const double CITY_PLANTED_RATIO = 1.8;

enum {
    BUMPS = 60,
    PARK = 150,          /* this area has no people */
    FLAGS_A_YEAR = 5200, /* expected, inside the areas */
    BISECTIONS = 200
};

static const double MARGIN_Z = 1.645;   /* 90 % margins, as the U.S. census publishes them */
static const double PARK_MARGIN = 12.0; /* the margin that the ACS prints beside a count of 0 */

/* A smooth pattern over the city with mean 0 and variance 1: bumps about two areas wide. */
static void pattern(const city *c, size_t entity, double width, double *values) {
    onus_rng rng;
    city_rng(&rng, c, CITY_TOPIC_FIELDS, entity);
    memset(values, 0, c->n_areas * sizeof *values);
    for (int b = 0; b < BUMPS; b++) {
        const double x = -2.0 + (CITY_COLUMNS + 4) * onus_rng_uniform(&rng);
        const double y = -2.0 + (CITY_ROWS + 4) * onus_rng_uniform(&rng);
        const double height = onus_rng_normal(&rng);
        for (size_t i = 0; i < c->n_areas; i++) {
            const double dx = (c->areas[i].at_column - x) / width;
            const double dy = (c->areas[i].at_row - y) / width;
            values[i] += height * exp(-0.5 * (dx * dx + dy * dy));
        }
    }
    onus_sum sum = {0};
    for (size_t i = 0; i < c->n_areas; i++) {
        onus_sum_add(&sum, values[i]);
    }
    const double mean = onus_sum_get(&sum) / (double)c->n_areas;
    onus_sum squares = {0};
    for (size_t i = 0; i < c->n_areas; i++) {
        onus_sum_add(&squares, (values[i] - mean) * (values[i] - mean));
    }
    const double sd = sqrt(onus_sum_get(&squares) / (double)c->n_areas);
    for (size_t i = 0; i < c->n_areas; i++) {
        values[i] = (values[i] - mean) / sd;
    }
}

int64_t city_total(const int64_t people[CITY_N_GROUPS]) {
    int64_t total = 0;
    for (int g = 0; g < CITY_N_GROUPS; g++) {
        total += people[g];
    }
    return total;
}

static void settle_area(city_area *area, onus_rng *rng, double bremmer, double corvan,
                        double density) {
    const double odds[CITY_N_GROUPS] = {1.0, exp(-0.9 + 1.3 * bremmer + 0.3 * onus_rng_normal(rng)),
                                        exp(-1.3 + 0.8 * corvan + 0.3 * onus_rng_normal(rng)),
                                        exp(-2.2 + 0.2 * onus_rng_normal(rng))};
    double all = 0.0;
    for (int g = 0; g < CITY_N_GROUPS; g++) {
        all += odds[g];
    }
    const double total = 620.0 * exp(0.25 * density + 0.3 * onus_rng_normal(rng));
    for (int g = 0; g < CITY_N_GROUPS; g++) {
        area->people[g] = llround(total * odds[g] / all);
    }
    const double people = (double)city_total(area->people);
    area->households = llround(people / 2.3);
    const double poor = 1.0 / (1.0 + exp(0.9 - 0.1 * bremmer + 0.4 * onus_rng_normal(rng)));
    area->poor_households = llround((double)area->households * poor);
    area->daytime = llround(people * exp(-0.3 * density + 0.4 * onus_rng_normal(rng)));
}

/* Sampling error of about two square roots, as in a five-year sample of small areas. */
static void sample_area(city_area *area, onus_rng *rng) {
    double variance = 0.0;
    for (int g = 0; g < CITY_N_GROUPS; g++) {
        const double truth = (double)area->people[g];
        const double se = 2.0 * sqrt(truth + 4.0);
        const double seen = truth + se * onus_rng_normal(rng);
        area->published[g] = seen > 0.0 ? llround(seen) : 0;
        area->margin[g] = llround(MARGIN_Z * se);
        variance += se * se;
    }
    area->total_margin = llround(MARGIN_Z * sqrt(variance));
}

static void empty_area(city_area *area) {
    memset(area->people, 0, sizeof area->people);
    memset(area->published, 0, sizeof area->published);
    for (int g = 0; g < CITY_N_GROUPS; g++) {
        area->margin[g] = llround(PARK_MARGIN);
    }
    area->total_margin = llround(PARK_MARGIN);
    area->households = 0;
    area->poor_households = 0;
    area->daytime = 0;
}

double city_flags(const city_area *area, city_truth truth) {
    return truth == CITY_EXPECTED ? area->flag_rate * CITY_WEEKS : (double)area->n_boxes;
}

double city_exposure(const city *c, city_group group, city_truth truth) {
    onus_sum flags = {0};
    onus_sum people = {0};
    for (size_t i = 0; i < c->n_areas; i++) {
        const double here = (double)c->areas[i].people[group];
        onus_sum_add(&flags, here * city_flags(&c->areas[i], truth));
        onus_sum_add(&people, here);
    }
    return onus_sum_get(&flags) / onus_sum_get(&people);
}

double city_attributed(const city *c, city_group group, city_truth truth) {
    onus_sum flags = {0};
    onus_sum people = {0};
    for (size_t i = 0; i < c->n_areas; i++) {
        const double here = (double)c->areas[i].people[group];
        const double all = (double)city_total(c->areas[i].people);
        if (all > 0.0) {
            onus_sum_add(&flags, here / all * city_flags(&c->areas[i], truth));
        }
        onus_sum_add(&people, here);
    }
    return onus_sum_get(&flags) / onus_sum_get(&people);
}

/* Rates with this steepness; their sum is left as it falls. */
static void set_rates(city *c, const double *other, double steepness) {
    for (size_t i = 0; i < c->n_areas; i++) {
        const double all = (double)city_total(c->areas[i].people);
        const double share = all > 0.0 ? (double)c->areas[i].people[CITY_BREMMER] / all : 0.0;
        c->areas[i].flag_rate = exp(steepness * share + other[i]);
    }
}

/* The ratio grows with the steepness: halve the interval until the doubles run out. */
static void plant(city *c, const double *other) {
    double low = -20.0;
    double high = 20.0;
    for (int i = 0; i < BISECTIONS; i++) {
        const double middle = (low + high) / 2.0;
        set_rates(c, other, middle);
        if (city_exposure(c, CITY_BREMMER, CITY_EXPECTED) <
            CITY_PLANTED_RATIO * city_exposure(c, CITY_ALDISH, CITY_EXPECTED)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    onus_sum sum = {0};
    for (size_t i = 0; i < c->n_areas; i++) {
        onus_sum_add(&sum, c->areas[i].flag_rate);
    }
    for (size_t i = 0; i < c->n_areas; i++) {
        c->areas[i].flag_rate *= (double)FLAGS_A_YEAR / CITY_WEEKS / onus_sum_get(&sum);
    }
}

void city_settle(city *c) {
    double bremmer[CITY_AREAS_MAX];
    double corvan[CITY_AREAS_MAX];
    double density[CITY_AREAS_MAX];
    double other[CITY_AREAS_MAX];
    pattern(c, 0, 0.9, bremmer);
    pattern(c, 1, 0.9, corvan);
    pattern(c, 2, 2.5, density);
    pattern(c, 3, 0.9, other);
    for (size_t i = 0; i < c->n_areas; i++) {
        city_area *area = &c->areas[i];
        onus_rng rng;
        city_rng(&rng, c, CITY_TOPIC_PEOPLE, i);
        settle_area(area, &rng, bremmer[i], corvan[i], density[i]);
        other[i] = 0.25 * other[i] + 0.2 * onus_rng_normal(&rng);
        area->crime_rate = exp(0.3 * density[i] + 0.15 * bremmer[i] + 0.3 * onus_rng_normal(&rng));
        city_rng(&rng, c, CITY_TOPIC_CENSUS, i);
        sample_area(area, &rng);
        if (i == PARK) {
            empty_area(area);
        }
    }
    plant(c, other);
}
