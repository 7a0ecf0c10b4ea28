/* The teaching city's map and census as files.
 *
 * GeoJSON after RFC 7946: outer rings run against the clock, holes with it, coordinates in degrees.
 * The census table is what a census would publish: the sample, its margins, totals that add up.
 *
 * Called by place.c. Writes text, opens nothing. */
#include "example_internal.h"

/* Twice the signed area in square microdegrees; positive: against the clock. */
static int64_t turn_of(const city_ring *ring) {
    int64_t sum = 0;
    for (size_t i = 0; i < ring->n; i++) {
        const size_t j = i + 1 == ring->n ? 0 : i + 1;
        /* relative to the first point: exact in 64 bits */
        const int64_t ax = ring->lon_e6[i] - ring->lon_e6[0];
        const int64_t ay = ring->lat_e6[i] - ring->lat_e6[0];
        const int64_t bx = ring->lon_e6[j] - ring->lon_e6[0];
        const int64_t by = ring->lat_e6[j] - ring->lat_e6[0];
        sum += ax * by - bx * ay;
    }
    return sum;
}

static void put_ring(onus_text *out, const city_ring *ring, bool is_hole) {
    const bool reverse = (turn_of(ring) > 0) == is_hole;
    onus_text_add(out, "[");
    for (size_t k = 0; k <= ring->n; k++) { /* the first point again closes it */
        const size_t i = reverse ? (2 * ring->n - k) % ring->n : k % ring->n;
        onus_text_add(out, k == 0 ? "[" : ", [");
        city_put_degrees(out, ring->lon_e6[i]);
        onus_text_add(out, ", ");
        city_put_degrees(out, ring->lat_e6[i]);
        onus_text_add(out, "]");
    }
    onus_text_add(out, "]");
}

onus_status city_write_areas(const city *c, onus_text *out) {
    onus_text_add(out, "{\"type\": \"FeatureCollection\", \"name\": \"areas\", \"features\": [\n");
    for (size_t i = 0; i < c->n_areas; i++) {
        const city_area *area = &c->areas[i];
        const bool parts = area->n_rings == 2 && !area->second_is_hole;
        onus_text_addf(out,
                       "%s{\"type\": \"Feature\", \"properties\": {\"geoid\": \"%s\", \"name\": "
                       "\"%s Street %d\"}, \"geometry\": {\"type\": \"%s\", \"coordinates\": [%s",
                       i == 0 ? "" : ",\n", area->id, area->street, area->number,
                       parts ? "MultiPolygon" : "Polygon", parts ? "[" : "");
        put_ring(out, &area->rings[0], false);
        if (area->n_rings == 2) {
            onus_text_add(out, parts ? "], [" : ", ");
            put_ring(out, &area->rings[1], area->second_is_hole);
        }
        onus_text_add(out, parts ? "]]}}" : "]}}");
    }
    onus_text_add(out, "\n]}\n");
    return out->failed ? ONUS_ERR_NOMEM : ONUS_OK;
}

onus_status city_write_people(const city *c, onus_text *out) {
    onus_text_add(out, "geoid,total,total_moe,aldish,aldish_moe,bremmer,bremmer_moe,corvan,"
                       "corvan_moe,households,households_low_income,daytime\n");
    for (size_t i = 0; i < c->n_areas; i++) {
        const city_area *area = &c->areas[i];
        onus_text_addf(out, "%s,%lld,%lld", area->id, (long long)city_total(area->published),
                       (long long)area->total_margin);
        for (int g = 0; g < CITY_OTHER; g++) {
            onus_text_addf(out, ",%lld,%lld", (long long)area->published[g],
                           (long long)area->margin[g]);
        }
        onus_text_addf(out, ",%lld,%lld,%lld\n", (long long)area->households,
                       (long long)area->poor_households, (long long)area->daytime);
    }
    return out->failed ? ONUS_ERR_NOMEM : ONUS_OK;
}
