/* Break-ins of the teaching city: what the three vendors of dated boxes are tried on.
 *
 * The idea: four things make a recorded break-in, each with a known rate, so that what can be known
 * beforehand is known exactly. Places where much happens all the time; hot spots that live for
 * three weeks and drift; a background that follows the areas; and repeats nearby within days, of
 * any of them. Counting finds the first kind, and the second only when it is almost over.
 *
 * Records begin 26 weeks before the year that is tried, so that a count has something to count.
 * Some are entered the same day, some up to four days later, and a few have no position. Called by
 * place.c; city_vendors.c looks at what was drawn. Times are minutes from the first midnight. */
#include <math.h>
#include <stdlib.h>

#include "example_internal.h"

enum { ONE_IN_UNPLACED = 150, LATE_DAYS = 4, PROMPT_MINUTES = 600 };

const double CITY_SPOT_SIGMA_M[CITY_SPOT_N_KINDS] = {
    [CITY_SPOT_FIXED] = 80.0, [CITY_SPOT_LIVE] = 55.0};
static const double FIXED_A_DAY = 3.2;  /* all of them together */
static const double LIVE_A_DAY = 0.25;  /* each */
static const double LIVE_SPOTS = 12.0;  /* at any time, on average */
static const double LIVE_DAYS = 21.0;   /* the life of one */
static const double DRIFT_M_DAY = 10.0; /* how far it moves */
static const double BACKGROUND_A_DAY = 1.2;
static const double REPEATS = 0.2; /* expected, of every break-in */
static const double REPEAT_DAYS = 3.0;
static const double REPEAT_SIGMA_M = 50.0;
static const double PROMPT_SHARE = 0.6;

/* On the city's parallel; the teaching city is flat enough for one value each. */
static const double E6_PER_M_LON = 11.72;
static const double E6_PER_M_LAT = 9.006;

static int32_t moved(int32_t e6, double by_m, double e6_per_m) {
    return e6 + (int32_t)lround(by_m * e6_per_m);
}

double city_east_m(int32_t lon_e6, int32_t than_e6) {
    return (double)(lon_e6 - than_e6) / E6_PER_M_LON;
}

double city_north_m(int32_t lat_e6, int32_t than_e6) {
    return (double)(lat_e6 - than_e6) / E6_PER_M_LAT;
}

void city_move(int32_t *lon_e6, int32_t *lat_e6, double east_m, double north_m) {
    *lon_e6 = moved(*lon_e6, east_m, E6_PER_M_LON);
    *lat_e6 = moved(*lat_e6, north_m, E6_PER_M_LAT);
}

void city_spot_at(const city_spot *spot, double day, int32_t *lon_e6, int32_t *lat_e6) {
    const double age = day - spot->from_day;
    *lon_e6 = spot->lon_e6;
    *lat_e6 = spot->lat_e6;
    city_move(lon_e6, lat_e6, spot->east_m_day * age, spot->north_m_day * age);
}

static double exponential(onus_rng *rng, double mean) {
    return -mean * log1p(-onus_rng_uniform(rng));
}

/* ---- the places ---- */

static onus_status draw_spots(const city *c, onus_array *spots) {
    onus_rng rng;
    onus_status status = ONUS_OK;
    double weights = 0.0;
    city_rng(&rng, c, CITY_TOPIC_SPOTS, 0);
    for (int k = 0; k < CITY_FIXED_SPOTS; k++) {
        weights += 1.0 / (k + 3.0);
    }
    for (int k = 0; k < CITY_FIXED_SPOTS; k++) {
        city_spot spot = {.kind = CITY_SPOT_FIXED,
                          .from_day = -CITY_HISTORY_DAYS,
                          .until_day = CITY_DAYS,
                          .rate_day = FIXED_A_DAY / (k + 3.0) / weights};
        const size_t area = onus_rng_below(&rng, (uint32_t)c->n_areas);
        city_point_in(&c->areas[area], &rng, &spot.lon_e6, &spot.lat_e6);
        ONUS_TRY(onus_array_push(spots, &spot));
    }
    /* births before the first record too: at every moment as many are alive */
    double day = -CITY_HISTORY_DAYS - LIVE_DAYS;
    for (;;) {
        day += exponential(&rng, LIVE_DAYS / LIVE_SPOTS);
        if (day >= CITY_DAYS) {
            break;
        }
        city_spot spot = {.kind = CITY_SPOT_LIVE,
                          .from_day = day,
                          .until_day = day + LIVE_DAYS,
                          .rate_day = LIVE_A_DAY};
        const double angle = 2.0 * acos(-1.0) * onus_rng_uniform(&rng);
        spot.east_m_day = DRIFT_M_DAY * cos(angle);
        spot.north_m_day = DRIFT_M_DAY * sin(angle);
        const size_t area = onus_rng_below(&rng, (uint32_t)c->n_areas);
        city_point_in(&c->areas[area], &rng, &spot.lon_e6, &spot.lat_e6);
        ONUS_TRY(onus_array_push(spots, &spot));
    }
out:
    return status;
}

/* ---- what happened there ---- */

static onus_status add(onus_array *all, double day, int32_t lon_e6, int32_t lat_e6) {
    if (day < -CITY_HISTORY_DAYS || day >= CITY_DAYS) {
        return ONUS_OK;
    }
    const city_breakin b = {.minute = (int32_t)floor(day * CITY_MINUTES_A_DAY),
                            .lon_e6 = lon_e6,
                            .lat_e6 = lat_e6,
                            .serial = (int32_t)all->n_items};
    return onus_array_push(all, &b);
}

static onus_status at_spots(const city *c, const onus_array *spots, onus_array *all) {
    onus_status status = ONUS_OK;
    for (size_t s = 0; s < spots->n_items; s++) {
        const city_spot *spot = (const city_spot *)spots->items + s;
        const double days = spot->until_day - spot->from_day;
        const double sigma = CITY_SPOT_SIGMA_M[spot->kind];
        onus_rng rng;
        city_rng(&rng, c, CITY_TOPIC_AT_SPOTS, s);
        const int64_t n = onus_rng_poisson(&rng, spot->rate_day * days);
        for (int64_t k = 0; k < n; k++) {
            const double day = spot->from_day + days * onus_rng_uniform(&rng);
            int32_t lon_e6;
            int32_t lat_e6;
            city_spot_at(spot, day, &lon_e6, &lat_e6);
            const double east_m = sigma * onus_rng_normal(&rng);
            const double north_m = sigma * onus_rng_normal(&rng);
            city_move(&lon_e6, &lat_e6, east_m, north_m);
            ONUS_TRY(add(all, day, lon_e6, lat_e6));
        }
    }
out:
    return status;
}

static onus_status in_background(const city *c, onus_array *all) {
    const double days = CITY_HISTORY_DAYS + CITY_DAYS;
    double weights = 0.0;
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < c->n_areas; i++) {
        weights += c->areas[i].crime_rate;
    }
    for (size_t i = 0; i < c->n_areas; i++) {
        onus_rng rng;
        city_rng(&rng, c, CITY_TOPIC_BACKGROUND, i);
        const double expected = BACKGROUND_A_DAY * days * c->areas[i].crime_rate / weights;
        const int64_t n = onus_rng_poisson(&rng, expected);
        for (int64_t k = 0; k < n; k++) {
            int32_t lon_e6;
            int32_t lat_e6;
            const double day = days * onus_rng_uniform(&rng) - CITY_HISTORY_DAYS;
            city_point_in(&c->areas[i], &rng, &lon_e6, &lat_e6);
            ONUS_TRY(add(all, day, lon_e6, lat_e6));
        }
    }
out:
    return status;
}

/* Repeats have repeats: the list is walked while it grows. */
static onus_status nearby_again(const city *c, onus_array *all) {
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < all->n_items; i++) {
        const city_breakin first = ((const city_breakin *)all->items)[i];
        onus_rng rng;
        city_rng(&rng, c, CITY_TOPIC_REPEATS, i);
        const int64_t n = onus_rng_poisson(&rng, REPEATS);
        for (int64_t k = 0; k < n; k++) {
            const double day =
                (double)first.minute / CITY_MINUTES_A_DAY + exponential(&rng, REPEAT_DAYS);
            int32_t lon_e6 = first.lon_e6;
            int32_t lat_e6 = first.lat_e6;
            const double east_m = REPEAT_SIGMA_M * onus_rng_normal(&rng);
            const double north_m = REPEAT_SIGMA_M * onus_rng_normal(&rng);
            city_move(&lon_e6, &lat_e6, east_m, north_m);
            ONUS_TRY(add(all, day, lon_e6, lat_e6));
        }
    }
out:
    return status;
}

static int by_time(const void *a, const void *b) {
    const city_breakin *x = a;
    const city_breakin *y = b;
    const int order = (x->minute > y->minute) - (x->minute < y->minute);
    return order != 0 ? order : (x->serial > y->serial) - (x->serial < y->serial);
}

/* When each record was entered, and whether with a position. */
static void enter(const city *c, onus_array *all) {
    city_breakin *list = all->items;
    for (size_t i = 0; i < all->n_items; i++) {
        onus_rng rng;
        city_rng(&rng, c, CITY_TOPIC_ENTERED, i);
        const bool prompt = onus_rng_uniform(&rng) < PROMPT_SHARE;
        list[i].later =
            prompt ? 30 + (int32_t)onus_rng_below(&rng, PROMPT_MINUTES)
                   : CITY_MINUTES_A_DAY +
                         (int32_t)onus_rng_below(&rng, (LATE_DAYS - 1) * CITY_MINUTES_A_DAY);
        list[i].has_place = onus_rng_below(&rng, ONE_IN_UNPLACED) != 0;
    }
}

onus_status city_break_in(const city *c, city_crime *crime) {
    onus_status status = ONUS_OK;
    crime->spots = (onus_array)ONUS_ARRAY_OF(city_spot);
    crime->breakins = (onus_array)ONUS_ARRAY_OF(city_breakin);
    ONUS_TRY(draw_spots(c, &crime->spots));
    ONUS_TRY(at_spots(c, &crime->spots, &crime->breakins));
    ONUS_TRY(in_background(c, &crime->breakins));
    ONUS_TRY(nearby_again(c, &crime->breakins));
    qsort(crime->breakins.items, crime->breakins.n_items, sizeof(city_breakin), by_time);
    enter(c, &crime->breakins);
out:
    return status;
}

void city_crime_clear(city_crime *crime) {
    onus_array_clear(&crime->spots);
    onus_array_clear(&crime->breakins);
}

onus_status city_write_breakins(const city_crime *crime, onus_text *out) {
    const city_breakin *all = crime->breakins.items;
    onus_text_add(out, "incident,when,entered,lon,lat\n");
    for (size_t i = 0; i < crime->breakins.n_items; i++) {
        onus_text_addf(out, "B%05zu,", i + 1);
        city_put_minute(out, all[i].minute);
        onus_text_add(out, ",");
        city_put_minute(out, all[i].minute + all[i].later);
        onus_text_add(out, ",");
        if (all[i].has_place) {
            city_put_degrees(out, all[i].lon_e6);
            onus_text_add(out, ",");
            city_put_degrees(out, all[i].lat_e6);
        } else {
            onus_text_add(out, ",");
        }
        onus_text_add(out, "\n");
    }
    return out->failed ? ONUS_ERR_NOMEM : ONUS_OK;
}
