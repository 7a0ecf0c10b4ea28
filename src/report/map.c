/* The areas for the page's map: rings in WGS 84 as small integers, the columns of the table as
 * numbers. 2,514 block groups of Los Angeles have to fit into a page that is sent by e-mail.
 *
 * Coordinates are rounded to a lattice of MAP_STEPS steps across the longer side (finer than a
 * pixel on any screen), points that fall on their predecessor or exactly on the line between their
 * neighbours are left out, and differences are written as base-64 digits of five bits, the sixth
 * saying that more follow: most steps take one character. Neighbours share borders, and equal
 * coordinates round equally, so no gaps open between areas.
 *
 * Shells run anticlockwise and holes clockwise, so that any fill rule draws the holes. Values have
 * six significant digits here; results.json and the tables have all of them. Called by page.c.
 * Never holds a withheld value. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "json_out.h"
#include "onus/alloc.h"
#include "onus/scalar.h"
#include "report_internal.h"

static const double MAP_STEPS = 8192.0;

typedef struct lattice {
    double lon0;
    double lat0;
    double step_lon;
    double step_lat;
} lattice;

/* A step is about as long east as north: longitudes are shorter by the cosine of the latitude. */
static lattice lattice_of(const onus_layer *layer) {
    double lon[2] = {INFINITY, -INFINITY};
    double lat[2] = {INFINITY, -INFINITY};
    for (size_t i = 0; i < layer->n_points; i++) {
        lon[0] = fmin(lon[0], layer->lon_deg[i]);
        lon[1] = fmax(lon[1], layer->lon_deg[i]);
        lat[0] = fmin(lat[0], layer->lat_deg[i]);
        lat[1] = fmax(lat[1], layer->lat_deg[i]);
    }
    const double radian = 0.017453292519943295;
    const double shrink = fmax(cos((lat[0] + lat[1]) / 2.0 * radian), 0.01);
    const double span = fmax((lon[1] - lon[0]) * shrink, lat[1] - lat[0]);
    const double step = span > 0.0 ? span / MAP_STEPS : 1.0;
    return (lattice){lon[0], lat[0], step / shrink, step};
}

static void put_varint(onus_text *out, int64_t value) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint64_t bits = ((uint64_t)value << 1) ^ (uint64_t)(value < 0 ? -1 : 0);
    do {
        const size_t low = (size_t)(bits & 31U);
        bits >>= 5;
        onus_text_add_len(out, &digits[low | (bits != 0 ? 32U : 0U)], 1);
    } while (bits != 0);
}

typedef struct point {
    int64_t x;
    int64_t y;
} point;

/* Rounds a ring, closing point left out, and drops what does not change its shape. */
static size_t round_ring(const onus_layer *layer, const lattice *on, size_t ring, point *points) {
    size_t n = 0;
    const size_t from = layer->ring_points[ring];
    const size_t until = layer->ring_points[ring + 1];
    for (size_t i = from; i + 1 < until; i++) {
        const point p = {llround((layer->lon_deg[i] - on->lon0) / on->step_lon),
                         llround((layer->lat_deg[i] - on->lat0) / on->step_lat)};
        if (n > 0 && p.x == points[n - 1].x && p.y == points[n - 1].y) {
            continue;
        }
        if (n > 1) {
            const point *a = &points[n - 2];
            const point *b = &points[n - 1];
            const int64_t cross = (b->x - a->x) * (p.y - b->y) - (b->y - a->y) * (p.x - b->x);
            const int64_t along = (b->x - a->x) * (p.x - b->x) + (b->y - a->y) * (p.y - b->y);
            if (cross == 0 && along > 0) {
                n--;
            }
        }
        points[n++] = p;
    }
    while (n > 1 && points[n - 1].x == points[0].x && points[n - 1].y == points[0].y) {
        n--;
    }
    return n;
}

/* Ring: number of points, then differences from the point before (the first from `last`). */
static void put_ring(onus_text *out, const point *points, size_t n, bool backwards, point *last) {
    put_varint(out, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        const point *p = &points[backwards ? n - 1 - i : i];
        put_varint(out, p->x - last->x);
        put_varint(out, p->y - last->y);
        *last = *p;
    }
}

static onus_status put_rings(const onus_layer *layer, const lattice *on, onus_text *out) {
    onus_status status = ONUS_ERR_NOMEM;
    size_t most_points = 1;
    size_t most_rings = 1;
    for (size_t i = 0; i < layer->n_rings; i++) {
        const size_t n = layer->ring_points[i + 1] - layer->ring_points[i];
        most_points = n > most_points ? n : most_points;
    }
    for (size_t i = 0; i < layer->n_areas; i++) {
        const size_t n = layer->area_rings[i + 1] - layer->area_rings[i];
        most_rings = n > most_rings ? n : most_rings;
    }
    point *points = onus_alloc_n(most_points, sizeof *points);
    int32_t *parents = onus_alloc_n(most_rings, sizeof *parents);
    point last = {0, 0};
    if (points == NULL || parents == NULL) {
        goto out;
    }
    for (size_t i = 0; i < layer->n_areas; i++) {
        ONUS_TRY(onus_report_ring_parents(layer, i, parents));
        const size_t first = layer->area_rings[i];
        const size_t n_rings = layer->area_rings[i + 1] - first;
        put_varint(out, (int64_t)n_rings);
        for (size_t r = 0; r < n_rings; r++) {
            /* a ring smaller than a step keeps its place as a point: areas are never lost */
            const size_t n = round_ring(layer, on, first + r, points);
            const bool anticlockwise = onus_report_ring_area(layer, first + r) > 0.0;
            put_ring(out, points, n, anticlockwise != (parents[r] < 0), &last);
        }
    }
    status = ONUS_OK;
out:
    onus_free(points);
    onus_free(parents);
    return status;
}

static void put_column(onus_json *json, const onus_area_column *column, size_t n_areas) {
    bool gaps = false;
    onus_json_open(json, '{', false);
    for (size_t i = 0; i < n_areas; i++) {
        gaps = gaps || column->known[i] != ONUS_KNOWN;
    }
    if (gaps) {
        /* one digit per area: 0 known, 1 undefined, 2 withheld */
        onus_text digits = {0};
        for (size_t i = 0; i < n_areas; i++) {
            const char digit = (char)('0' + column->known[i]);
            onus_text_add_len(&digits, &digit, 1);
        }
        json->text->failed = json->text->failed || digits.failed;
        onus_json_key_text(json, "known", digits.data);
        onus_text_clear(&digits);
    }
    onus_json_key_text(json, "name", column->name);
    onus_json_key_text(json, "title", column->title);
    onus_json_key_text(json, "unit", column->unit);
    onus_json_key(json, "values");
    onus_json_open(json, '[', false);
    for (size_t i = 0; i < n_areas; i++) {
        if (column->known[i] == ONUS_KNOWN) {
            onus_json_rounded(json, column->values[i]);
        } else {
            onus_json_null(json);
        }
    }
    onus_json_close(json, ']');
    onus_json_close(json, '}');
}

onus_status onus_report_map(const onus_result *result, onus_text *out, onus_error *err) {
    const onus_area_table *areas = &result->areas;
    onus_json json = {.text = out};
    if (areas->layer == NULL || areas->n_areas == 0) {
        onus_json_null(&json);
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    const lattice on = lattice_of(areas->layer);
    onus_text rings = {0};
    ONUS_TRY(put_rings(areas->layer, &on, &rings));
    onus_json_open(&json, '{', true);
    onus_json_key(&json, "columns");
    onus_json_open(&json, '[', true);
    for (size_t k = 0; k < areas->n_columns; k++) {
        put_column(&json, &areas->columns[k], areas->n_areas);
    }
    onus_json_close(&json, ']');
    onus_json_key(&json, "ids");
    onus_json_open(&json, '[', false);
    for (size_t i = 0; i < areas->n_areas; i++) {
        onus_json_text(&json, areas->layer->ids[i]);
    }
    onus_json_close(&json, ']');
    onus_json_key(&json, "origin");
    onus_json_open(&json, '[', false);
    onus_json_number(&json, on.lon0);
    onus_json_number(&json, on.lat0);
    onus_json_close(&json, ']');
    onus_json_key_text(&json, "rings", rings.data);
    onus_json_key(&json, "step");
    onus_json_open(&json, '[', false);
    onus_json_number(&json, on.step_lon);
    onus_json_number(&json, on.step_lat);
    onus_json_close(&json, ']');
    onus_json_close(&json, '}');
    if (rings.failed) {
        status = ONUS_ERR_NOMEM;
    } else if (json.disorder || json.bad_text) {
        status = onus_bug(err, "the map's data is not well-formed");
    }
out:
    onus_text_clear(&rings);
    return status == ONUS_ERR_NOMEM ? onus_fail_nomem(err) : status;
}
