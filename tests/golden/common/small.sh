# A small case that works: nine square areas of a tenth of a degree, residents in two groups, boxes.
# Golden tests write it into the current folder, break one thing, and look at what onus says.

small_areas() {
    {
        printf '{"type": "FeatureCollection", "features": [\n'
        i=0
        while [ "$i" -lt 9 ]; do
            x=$((i % 3)) y=$((i / 3))
            x1=$((x + 1)) y1=$((y + 1))
            [ "$i" -eq 0 ] || printf ',\n'
            printf '{"type": "Feature", "properties": {"geoid": "a%d"}, "geometry": {"type": "Polygon", "coordinates": [[[10.%d, 50.%d], [10.%d, 50.%d], [10.%d, 50.%d], [10.%d, 50.%d], [10.%d, 50.%d]]]}}' \
                "$((i + 1))" "$x" "$y" "$x1" "$y" "$x1" "$y1" "$x" "$y1" "$x" "$y"
            i=$((i + 1))
        done
        printf '\n]}\n'
    } >areas.geojson
}

small_people() {
    cat >people.csv <<'END'
geoid,total,north,south
a1,1000,900,100
a2,1100,700,400
a3,900,600,300
a4,1200,600,600
a5,1000,500,500
a6,800,300,500
a7,1000,200,800
a8,1300,200,1100
a9,700,100,600
END
}

small_boxes() {
    cat >boxes.csv <<'END'
lon,lat,count
10.05,50.05,4
10.15,50.05,7
10.25,50.05,2
10.05,50.15,11
10.15,50.15,9
10.25,50.15,14
10.05,50.25,21
10.15,50.25,35
10.25,50.25,17
END
}

small_case() {
    small_areas
    small_people
    small_boxes
    cat >case.yaml <<'END'
onus: 1
title: A small town
kind: place
areas: {file: areas.geojson, id: geoid}
people:
  file: people.csv
  id: geoid
  universes:
    - {name: residents, total: total, groups: {North: north, South: south}}
predictions: {form: counted_boxes, file: boxes.csv, lon: lon, lat: lat, count: count, size: 150 m, assign: centre}
protocol: {top: 20 %, resample: {unit: area, replicates: 200}, seed: 1}
claims:
  - {say: nobody carries more than a quarter above the others, measure: burden.ratio, scope: {universe: residents, group: South, reference: North, definition: exposure}, at_most: 1.25}
END
}

# Replaces one line of a file: replace FILE 'old line' 'new line' (fixed text, must be there).
replace() {
    grep -qF -- "$2" "$1" || { echo "no line '$2' in $1" >&2; exit 99; }
    awk -v old="$2" -v new="$3" 'index($0, old) { i = index($0, old); $0 = substr($0, 1, i - 1) new substr($0, i + length(old)) } { print }' "$1" >"$1.new"
    mv "$1.new" "$1"
}

# The same case over a grid of SIDE by SIDE areas: large_case [SIDE]. The 10,000 areas of 100 by 100 keep
# the pairs of areas busy for seconds.
large_case() {
    small_case
    LC_ALL=C awk -v n="${1:-100}" 'BEGIN {
        print "{\"type\": \"FeatureCollection\", \"features\": ["
        square = "%s{\"type\": \"Feature\", \"properties\": {\"geoid\": \"a%d\"}, \"geometry\": {\"type\": \"Polygon\", " \
                 "\"coordinates\": [[[%.2f, %.2f], [%.2f, %.2f], [%.2f, %.2f], [%.2f, %.2f], [%.2f, %.2f]]]}}\n"
        for (i = 0; i < n * n; i++) {
            x = 10 + (i % n) / 100
            y = 50 + int(i / n) / 100
            printf square, i ? "," : "", i, x, y, x + 0.01, y, x + 0.01, y + 0.01, x, y + 0.01, x, y
        }
        print "]}"
    }' >areas.geojson
    LC_ALL=C awk -v n="${1:-100}" 'BEGIN {
        print "geoid,total,north,south"
        for (i = 0; i < n * n; i++) {
            north = 100 + (i * 37) % 500
            south = 100 + (i * 53) % 400
            printf "a%d,%d,%d,%d\n", i, north + south, north, south
        }
    }' >people.csv
    LC_ALL=C awk -v n="${1:-100}" 'BEGIN {
        print "lon,lat,count"
        for (i = 0; i < n * n; i++) {
            printf "%.3f,%.3f,%d\n", 10.005 + (i % n) / 100, 50.005 + int(i / n) / 100, 1 + (i * 29) % 31
        }
    }' >boxes.csv
}
