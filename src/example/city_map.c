/* The map of the teaching city: a jittered lattice of streets, and what real maps do to a program.
 *
 * The idea: corners of the lattice are moved at random and every street between two corners gets
 * two bends that both neighbours share, so areas are irregular and fit without gaps. On top: an
 * area with a hole and another one in it, an area of two parts (an islet), a ragged outline.
 * Coordinates are whole microdegrees throughout, so points are inside or outside exactly.
 *
 * Lies in the open Atlantic, so that nobody takes it for a place that exists. Called by place.c. */
#include <math.h>

#include "example_internal.h"

enum {
    LON_E6 = -40000000,
    LAT_E6 = 40000000,
    CELL_LON_E6 = 5900, /* about 500 m */
    CELL_LAT_E6 = 4100, /* about 455 m */
    HOLE_COLUMN = 5,
    HOLE_ROW = 5,
    ISLET_COLUMN = CITY_COLUMNS - 1,
    ISLET_ROW = 7,
    OCTAGON = 8
};

static const char *const STREETS[CITY_ROWS] = {
    "Alder", "Barley", "Cooper", "Dyer",  "Elm",    "Ferry",     "Garden",  "Harbour",
    "Ivy",   "Joiner", "Kiln",   "Lower", "Market", "Navigator", "Orchard", "Potter"};

typedef struct spot {
    double lon_e6;
    double lat_e6;
} spot;

void city_rng(onus_rng *rng, const city *c, city_topic topic, size_t entity) {
    onus_rng_init(rng, c->seed, ONUS_STREAM_EXAMPLE_CITY, (uint64_t)topic, (uint32_t)entity);
}

static double between(onus_rng *rng, double low, double high) {
    return low + (high - low) * onus_rng_uniform(rng);
}

/* A corner of the lattice: bent by two slow waves, then moved by up to a sixth of a cell. */
static spot corner(const city *c, int column, int row) {
    onus_rng rng;
    city_rng(&rng, c, CITY_TOPIC_CORNERS, (size_t)(row * (CITY_COLUMNS + 1) + column));
    const double x = (double)column + 0.45 * sin(0.45 * (double)row) + between(&rng, -0.16, 0.16);
    const double y = (double)row + 0.40 * sin(0.35 * (double)column) + between(&rng, -0.16, 0.16);
    return (spot){LON_E6 + x * CELL_LON_E6, LAT_E6 + y * CELL_LAT_E6};
}

static void push(city_ring *ring, spot at) {
    ring->lon_e6[ring->n] = (int32_t)lround(at.lon_e6);
    ring->lat_e6[ring->n] = (int32_t)lround(at.lat_e6);
    ring->n++;
}

/* Corner a and the two bends on the way to b (b itself begins the next side). Both neighbours ask
 * for the street by the same number and get the same bends, one of them in reverse. */
static void push_side(city_ring *ring, const city *c, spot a, spot b, size_t street, bool reverse) {
    onus_rng rng;
    city_rng(&rng, c, CITY_TOPIC_EDGES, street);
    const spot from = reverse ? b : a;
    const spot to = reverse ? a : b;
    spot bends[2];
    for (int i = 0; i < 2; i++) {
        const double t = (double)(i + 1) / 3.0;
        bends[i].lon_e6 =
            from.lon_e6 + t * (to.lon_e6 - from.lon_e6) + between(&rng, -0.07, 0.07) * CELL_LON_E6;
        bends[i].lat_e6 =
            from.lat_e6 + t * (to.lat_e6 - from.lat_e6) + between(&rng, -0.07, 0.07) * CELL_LAT_E6;
    }
    push(ring, a);
    push(ring, bends[reverse ? 1 : 0]);
    push(ring, bends[reverse ? 0 : 1]);
}

/* Numbers of streets: those along a row first, then those across. */
static size_t along(int column, int row) {
    return (size_t)(row * CITY_COLUMNS + column);
}

static size_t across(int column, int row) {
    return (size_t)((CITY_ROWS + 1) * CITY_COLUMNS + row * (CITY_COLUMNS + 1) + column);
}

static void octagon(city_ring *ring, double column, double row, double radius) {
    const double pi = acos(-1.0);
    for (int i = 0; i < OCTAGON; i++) {
        const double angle = 2.0 * pi * ((double)i + 0.3) / OCTAGON;
        push(ring, (spot){LON_E6 + (column + radius * cos(angle)) * CELL_LON_E6,
                          LAT_E6 + (row + radius * sin(angle)) * CELL_LAT_E6});
    }
}

/* Centre of the corners of a cell, in cells. */
static void centre(const city *c, int column, int row, double *x, double *y) {
    double lon = 0.0;
    double lat = 0.0;
    for (int i = 0; i < 4; i++) {
        const spot at = corner(c, column + i % 2, row + i / 2);
        lon += at.lon_e6 / 4.0;
        lat += at.lat_e6 / 4.0;
    }
    *x = (lon - LON_E6) / CELL_LON_E6;
    *y = (lat - LAT_E6) / CELL_LAT_E6;
}

/* Cells that are sea: two bays and the corners. */
static bool is_sea(int column, int row) {
    const int right = CITY_COLUMNS - 1 - column;
    const int up = CITY_ROWS - 1 - row;
    return column + row < 2 || right + row < 3 || column + up < 3 || right + up < 2 ||
           (row == 0 && column >= 9 && column <= 11);
}

static void name_area(city_area *area, int row, int number) {
    area->id[0] = '0';
    area->id[1] = (char)('0' + (row + 1) / 10);
    area->id[2] = (char)('0' + (row + 1) % 10);
    area->id[3] = (char)('0' + number / 10);
    area->id[4] = (char)('0' + number % 10);
    area->id[5] = '\0';
    area->street = STREETS[row];
    area->number = number;
}

void city_draw_map(city *c) {
    for (int row = 0; row < CITY_ROWS; row++) {
        for (int column = 0; column < CITY_COLUMNS; column++) {
            if (is_sea(column, row)) {
                continue;
            }
            city_area *area = &c->areas[c->n_areas++];
            name_area(area, row, column + 1);
            centre(c, column, row, &area->at_column, &area->at_row);
            const spot sw = corner(c, column, row);
            const spot se = corner(c, column + 1, row);
            const spot ne = corner(c, column + 1, row + 1);
            const spot nw = corner(c, column, row + 1);
            city_ring *ring = &area->rings[0];
            push_side(ring, c, sw, se, along(column, row), false);
            push_side(ring, c, se, ne, across(column + 1, row), false);
            push_side(ring, c, ne, nw, along(column, row + 1), true);
            push_side(ring, c, nw, sw, across(column, row), true);
            area->n_rings = 1;
            if (column == HOLE_COLUMN && row == HOLE_ROW) {
                octagon(&area->rings[1], area->at_column, area->at_row, 0.24);
                area->n_rings = 2;
                area->second_is_hole = true;
                city_area *inner = &c->areas[c->n_areas++];
                name_area(inner, row, CITY_COLUMNS + 1);
                inner->at_column = area->at_column;
                inner->at_row = area->at_row;
                inner->rings[0] = area->rings[1];
                inner->n_rings = 1;
            } else if (column == ISLET_COLUMN && row == ISLET_ROW) {
                octagon(&area->rings[1], area->at_column + 1.3, area->at_row, 0.3);
                area->n_rings = 2;
            }
        }
    }
}

/* +1: the ray from the point to the east crosses the side; edge: the point lies on it. */
static bool crosses(const city_ring *ring, size_t i, int32_t x, int32_t y, bool *edge) {
    const size_t j = i + 1 == ring->n ? 0 : i + 1;
    const int64_t ax = ring->lon_e6[i];
    const int64_t ay = ring->lat_e6[i];
    const int64_t bx = ring->lon_e6[j];
    const int64_t by = ring->lat_e6[j];
    const int64_t cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
    const bool in_x = (ax <= x && x <= bx) || (bx <= x && x <= ax);
    const bool in_y = (ay <= y && y <= by) || (by <= y && y <= ay);
    *edge = *edge || (cross == 0 && in_x && in_y);
    if ((ay > y) == (by > y)) {
        return false;
    }
    return by > ay ? cross > 0 : cross < 0;
}

bool city_holds(const city_area *area, int32_t lon_e6, int32_t lat_e6) {
    bool inside = false;
    bool edge = false;
    for (size_t r = 0; r < area->n_rings; r++) {
        for (size_t i = 0; i < area->rings[r].n; i++) {
            inside = inside != crosses(&area->rings[r], i, lon_e6, lat_e6, &edge);
        }
    }
    return inside && !edge;
}

void city_point_in(const city_area *area, onus_rng *rng, int32_t *lon_e6, int32_t *lat_e6) {
    int32_t low_x = INT32_MAX;
    int32_t low_y = INT32_MAX;
    int32_t high_x = INT32_MIN;
    int32_t high_y = INT32_MIN;
    for (size_t r = 0; r < area->n_rings; r++) {
        for (size_t i = 0; i < area->rings[r].n; i++) {
            const int32_t x = area->rings[r].lon_e6[i];
            const int32_t y = area->rings[r].lat_e6[i];
            low_x = x < low_x ? x : low_x;
            high_x = x > high_x ? x : high_x;
            low_y = y < low_y ? y : low_y;
            high_y = y > high_y ? y : high_y;
        }
    }
    do { /* an area fills at least a fifth of its box: ends soon */
        *lon_e6 = low_x + (int32_t)onus_rng_below(rng, (uint32_t)(high_x - low_x));
        *lat_e6 = low_y + (int32_t)onus_rng_below(rng, (uint32_t)(high_y - low_y));
    } while (!city_holds(area, *lon_e6, *lat_e6));
}

void city_point_outside(const city *c, onus_rng *rng, int32_t *lon_e6, int32_t *lat_e6) {
    for (;;) { /* the sea around is as wide as three cells: ends soon */
        *lon_e6 = LON_E6 - 3 * CELL_LON_E6 +
                  (int32_t)onus_rng_below(rng, (CITY_COLUMNS + 6) * CELL_LON_E6);
        *lat_e6 =
            LAT_E6 - 3 * CELL_LAT_E6 + (int32_t)onus_rng_below(rng, (CITY_ROWS + 6) * CELL_LAT_E6);
        bool inside = false;
        for (size_t i = 0; i < c->n_areas && !inside; i++) {
            /* on an edge counts as inside here: try again */
            for (int dx = -1; dx <= 1 && !inside; dx++) {
                inside = city_holds(&c->areas[i], *lon_e6 + dx, *lat_e6);
            }
        }
        if (!inside) {
            return;
        }
    }
}
