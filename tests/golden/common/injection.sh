# A product that is run twice: over nine cells and 60 days it forecasts 0.3 of what was recorded in a cell
# the day before and 0.2 of the day before that; the second time three incidents more are in eight cells.
# Its gain is 0.5 predictions per incident, by construction.
injection_case() {
    small_areas
    small_people
    LC_ALL=C awk 'BEGIN {
        print "date,cell" >"records.csv"
        print "date,cell,count" >"injected.csv"
        print "date,cell,rate" >"first.csv"
        print "date,cell,rate" >"second.csv"
        for (d = 1; d <= 60; d++) {
            date = sprintf("2021-%02d-%02d", d <= 31 ? 1 : d <= 59 ? 2 : 3, d <= 31 ? d : d <= 59 ? d - 31 : d - 59)
            for (c = 1; c <= 9; c++) {
                n[d, c] = (d * 7 + c * c * 3 + d * c) % 4
                for (k = 0; k < n[d, c]; k++) printf "%s,a%d\n", date, c >"records.csv"
                if (d == 20 + c && c < 9) {
                    more[d, c] = 3
                    printf "%s,a%d,3\n", date, c >"injected.csv"
                }
                rate = 0.1 + 0.3 * n[d - 1, c] + 0.2 * n[d - 2, c]
                printf "%s,a%d,%.3f\n", date, c, rate >"first.csv"
                printf "%s,a%d,%.3f\n", date, c, rate + 0.3 * more[d - 1, c] + 0.2 * more[d - 2, c] >"second.csv"
            }
        }
    }'
    cat >case.yaml <<'END'
onus: 1
title: A product run twice
kind: place
areas: {file: areas.geojson, id: geoid}
people:
  file: people.csv
  id: geoid
  universes:
    - {name: residents, total: total, groups: {North: north, South: south}}
grid: {file: areas.geojson, id: geoid}
outcomes: {file: records.csv, time: {column: date, zone: UTC}, cell: cell}
predictions: {form: risk, file: first.csv, time: {column: date, zone: UTC}, cell: cell, rate: rate, lasts: 1 d}
period: {from: 2021-01-11, until: 2021-03-01}
protocol: {resample: {replicates: 200}, seed: 1}
feedback:
  models: [grid]
  patrols: 2
  runs: 20
  window: 7 d
  discovery: [0.2, 3]
  injection:
    predictions: second.csv
    incidents: {file: injected.csv, time: {column: date, zone: UTC}, cell: cell, count: count}
END
}

# The same as boxes: two a day, and in the second run a third one the day after in a cell with an
# injection (of one incident; the last lies outside the town).
injection_boxes() {
    LC_ALL=C awk 'BEGIN {
        print "date,lon,lat" >"first.csv"
        print "date,lon,lat" >"second.csv"
        print "date,lon,lat" >"injected.csv"
        for (d = 11; d <= 31; d++) {
            for (b = 0; b < 2; b++) {
                c = (d * 5 + b * 4) % 9
                row = sprintf("2021-01-%02d,10.%d5,50.%d5", d, c % 3, int(c / 3))
                print row >"first.csv"
                print row >"second.csv"
            }
            if (d > 12 && d <= 21) {
                c = d - 13
                at = d == 21 ? "11.05,51.05" : sprintf("10.%d5,50.%d5", c % 3, int(c / 3))
                printf "2021-01-%02dT18:00:00,%s\n", d, at >"injected.csv"
                if (d < 21) printf "2021-01-%02d,%s\n", d + 1, at >"second.csv"
            }
        }
    }'
    replace case.yaml 'form: risk, file: first.csv, time: {column: date, zone: UTC}, cell: cell, rate: rate' 'form: boxes, file: first.csv, from: {column: date, zone: UTC}, lon: lon, lat: lat, size: 500 m'
    replace case.yaml 'cell: cell, count: count}' 'lon: lon, lat: lat}'
    replace case.yaml 'until: 2021-03-01' 'until: 2021-02-01'
}
