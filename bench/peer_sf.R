# sf's side: Rscript peer_sf.R locate|areal DIR OUT. Reads the same files, prints one line of JSON.
# Timed as ours is: from geometries in memory to the result, spatial index included, files excluded. The grid's
# cells as geometries are made before the clock starts.
suppressPackageStartupMessages({library(sf); library(jsonlite)})
arg <- commandArgs(trailingOnly = TRUE)
folder <- arg[2]
about <- fromJSON(file.path(folder, "about.json"))
suppressMessages(sf_use_s2(FALSE))  # planar, as the others

clocked <- function(work) {
  before <- proc.time()
  result <- suppressMessages(suppressWarnings(work()))
  took <- proc.time() - before
  list(result = result, cpu_s = unname(took["user.self"] + took["sys.self"]), wall_s = unname(took["elapsed"]))
}

if (arg[1] == "locate") {
  areas <- st_read(file.path(folder, "areas_deg.gpkg"), quiet = TRUE)
  xy <- matrix(readBin(file.path(folder, "points.f64"), "double", n = 2 * about$n_points), ncol = 2)
  points <- st_as_sf(data.frame(x = xy[, 1], y = xy[, 2]), coords = c("x", "y"), crs = st_crs(areas))
  run <- clocked(function() st_intersects(points, areas))
  first <- vapply(run$result, function(hits) if (length(hits) > 0) min(hits) else NA_integer_, 1L)
  counts <- tabulate(first[!is.na(first)], nbins = nrow(areas))
  both <- rbind(as.integer(counts), 0L)  # 64-bit integers, low word first
  writeBin(as.integer(both), arg[3], endian = "little")
} else {
  areas <- st_read(file.path(folder, "areas_m.gpkg"), quiet = TRUE)
  g <- about$grid
  cells <- st_make_grid(areas, cellsize = g$cell, offset = c(g$x0, g$y0), n = c(g$n_x, g$n_y))
  run <- clocked(function() st_interpolate_aw(areas["mass"], cells, extensive = TRUE))
  full <- rep(0, g$n_x * g$n_y)
  full[as.integer(rownames(run$result))] <- run$result$mass
  writeBin(full, arg[3], endian = "little")
}
cat(toJSON(list(cpu_s = run$cpu_s, wall_s = run$wall_s, version = as.character(packageVersion("sf"))),
           auto_unbox = TRUE, digits = 9), "\n", sep = "")
