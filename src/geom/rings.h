/* Rings of a polygon under the even-odd rule: which way each counts. */
#ifndef ONUS_GEOM_RINGS_H
#define ONUS_GEOM_RINGS_H

#include <stddef.h>

#include "onus/error.h"
#include "onus/geom.h"
#include "onus/status.h"

/**
 * +1 or -1: the factor that makes a ring's shoelace sum count towards its polygon's area, whatever
 * way the ring runs. 0 for a ring without area.
 */
double onus_ring_sign(const onus_polygons *polygons, size_t area, size_t ring);

/** The sign of every ring of every polygon. *signs is the caller's to free. */
onus_status onus_ring_signs(const onus_polygons *polygons, double **signs,
                            onus_error *err) ONUS_MUST_USE;

/** ERR_DOMAIN naming the first vertex that is not finite. */
onus_status onus_polygons_check_finite(const onus_polygons *polygons,
                                       onus_error *err) ONUS_MUST_USE;

#endif
