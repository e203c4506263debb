// How streets and waters of a PMTiles file look: few colours, from the frame's, so that reports and warnings stand out.
// Layers and kinds are those of the Protomaps basemap: roads, water, landuse, buildings, places; others are not drawn.
(function () {
  'use strict';
  const FloodMap = window.FloodMap;
  const LAND = { park: 'green', forest: 'green', wood: 'green', grass: 'green', meadow: 'green', cemetery: 'green', nature_reserve: 'green' };
  // Width in pixels at zooms 10, 13, 15 and 17; the edge is added on both sides.
  const ROADS = [
    { kinds: ['path'], widths: [0, 0, 0.8, 1.6], from: 15, isEdged: false },
    { kinds: ['rail'], widths: [0, 0.7, 1, 1.6], from: 12, isEdged: false },
    { kinds: ['minor_road', 'other'], widths: [0, 0.7, 4, 11], from: 12, isEdged: true },
    { kinds: ['medium_road'], widths: [0.5, 1.6, 6, 14], from: 11, isEdged: true },
    { kinds: ['major_road'], widths: [1, 2.6, 7.5, 16], from: 6, isEdged: true },
    { kinds: ['highway'], widths: [1.4, 3.2, 9, 18], from: 5, isEdged: true },
  ];
  const STREAM_WIDTHS = [0.4, 1, 2, 4];
  const RIVER_WIDTHS = [1, 2.4, 5, 12];
  const NAMES_FROM = { highway: 13, major_road: 14, medium_road: 15, minor_road: 15, other: 15, path: 16 };
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
  const ONE_LINE = 60; // names of two lines overlap others
  const REPEAT_PX = 300;
  const ROOM_PX = 6;
  const BENT_PX = 4.5; // how far a street may lie from its name

  function widthOf(widths) {
    const steps = [[10, widths[0]], [13, widths[1]], [15, widths[2]], [17, widths[3]]];
    return window.protomapsL.exp(1.6, steps);
  }

  function kindIn(kinds) {
    return function (zoom, feature) { return kinds.indexOf(feature.props.kind) >= 0; };
  }

  // The rules for a map element, whose style names the colours: {paintRules, labelRules}.
  FloodMap.streets = function (element) {
    const style = getComputedStyle(element);
    const colour = function (name) { return style.getPropertyValue('--' + name).trim(); };
    return { paintRules: paintRules(colour), labelRules: labelRules(colour) };
  };

  function paintRules(colour) {
    const P = window.protomapsL;
    const line = function (name, width, more) {
      return new P.LineSymbolizer(Object.assign({ color: colour(name), width: width, lineCap: 'round', lineJoin: 'round' }, more));
    };
    const rules = [
      { dataLayer: 'landuse', symbolizer: new P.PolygonSymbolizer({ fill: colour('map-green') }), filter: function (zoom, feature) { return Boolean(LAND[feature.props.kind]); } },
      { dataLayer: 'buildings', minzoom: 14, symbolizer: new P.PolygonSymbolizer({ fill: colour('map-building') }) },
      { dataLayer: 'water', symbolizer: new P.PolygonSymbolizer({ fill: colour('map-water') }), filter: function (zoom, feature) { return feature.geomType === P.GeomType.Polygon; } },
      { dataLayer: 'water', symbolizer: line('map-water', widthOf(RIVER_WIDTHS)), filter: isLineOf(P, true) },
      { dataLayer: 'water', minzoom: 12, symbolizer: line('map-water', widthOf(STREAM_WIDTHS)), filter: isLineOf(P, false) },
    ];
    ROADS.forEach(function (road) {
      if (!road.isEdged) return;
      const width = widthOf(road.widths);
      rules.push({ dataLayer: 'roads', minzoom: Math.max(road.from, 13), symbolizer: line('map-street-edge', function (zoom) { return width(zoom) + 2; }), filter: kindIn(road.kinds) });
    });
    ROADS.forEach(function (road) {
      const isRail = road.kinds[0] === 'rail';
      const isPath = road.kinds[0] === 'path';
      const name = isRail ? 'map-rail' : isPath ? 'map-street-edge' : 'map-street';
      rules.push({ dataLayer: 'roads', minzoom: road.from, symbolizer: line(name, widthOf(road.widths)), filter: kindIn(road.kinds) });
    });
    return rules;
  }

  function isLineOf(P, isRiver) {
    return function (zoom, feature) {
      return feature.geomType === P.GeomType.Line && isRiver === (['river', 'canal'].indexOf(feature.props.kind) >= 0);
    };
  }

  // Settlements are named by the page, which knows where its own marks are.
  function labelRules(colour) {
    const P = window.protomapsL;
    const along = function (name, size, from, kinds) {
      const isWater = name === 'water';
      return {
        dataLayer: isWater ? 'water' : 'roads', minzoom: from,
        symbolizer: { place: placeAlong((isWater ? 'italic 500 ' : '500 ') + size + 'px ' + FONT, colour(isWater ? 'map-water-name' : 'map-street-name'), colour('halo')) },
        filter: kindIn(kinds),
      };
    };
    const rules = Object.keys(NAMES_FROM).map(function (kind) {
      return along('road', kind === 'major_road' || kind === 'highway' ? 13 : 12, NAMES_FROM[kind], [kind]);
    });
    rules.unshift(along('water', 13, 12, ['river', 'canal', 'stream']));
    rules.unshift({
      dataLayer: 'places', minzoom: 12,
      symbolizer: new P.CenteredTextSymbolizer({
        fill: colour('map-water-name'), stroke: colour('halo'), width: 3, font: 'italic 600 13px ' + FONT, maxLineChars: ONE_LINE,
      }),
      filter: kindIn(['water', 'river', 'lake']),
    });
    return rules;
  }

  // What the reader's own symbolizer does, but also for streets that bend a little: it takes pieces that turn by less than
  // four degrees at a corner and puts the name near a piece's beginning, which leaves most streets of an old town without.
  function placeAlong(font, fill, halo) {
    return function (layout, lines, feature) {
      const text = feature.props.name;
      if (typeof text !== 'string' || !text || text.length > ONE_LINE) return undefined;
      layout.scratch.font = font;
      const size = layout.scratch.measureText(text);
      const height = size.actualBoundingBoxAscent + size.actualBoundingBoxDescent;
      const draw = function (turn) {
        return function (pen) {
          pen.globalAlpha = 1;
          pen.rotate(turn);
          pen.font = font;
          pen.lineWidth = 3;
          pen.strokeStyle = halo;
          pen.fillStyle = fill;
          pen.strokeText(text, -size.width / 2, size.actualBoundingBoxAscent / 2);
          pen.fillText(text, -size.width / 2, size.actualBoundingBoxAscent / 2);
        };
      };
      const labels = [];
      straightPieces(lines, size.width + ROOM_PX).forEach(function (piece) {
        const by = [(piece.to.x - piece.from.x) / piece.length, (piece.to.y - piece.from.y) / piece.length];
        const turn = Math.atan2(by[1], by[0]);
        const number = Math.max(1, Math.floor(piece.length / REPEAT_PX));
        for (let one = 0; one < number; one += 1) {
          const at = piece.length * (one + 0.5) / number;
          const anchor = piece.from.add(piece.to.sub(piece.from).mult(at / piece.length));
          labels.push({
            anchor: anchor, bboxes: cellsOf(anchor, by, size.width, height * 1.6), deduplicationKey: text, deduplicationDistance: REPEAT_PX,
            draw: draw(turn > Math.PI / 2 ? turn - Math.PI : turn < -Math.PI / 2 ? turn + Math.PI : turn),
          });
        }
      });
      return labels.length ? labels : undefined;
    };
  }

  function cellsOf(anchor, by, width, cell) {
    const cells = [];
    for (let at = -width / 2; at < width / 2 + cell / 2; at += cell) {
      const x = anchor.x + by[0] * at;
      const y = anchor.y + by[1] * at;
      cells.push({ minX: x - cell / 2, minY: y - cell / 2, maxX: x + cell / 2, maxY: y + cell / 2 });
    }
    return cells;
  }

  // The longest pieces of lines, at least so long, from whose ends' line no corner lies further away than a name may: the longest first.
  function straightPieces(lines, least) {
    const pieces = [];
    lines.forEach(function (line) {
      let reached = 0;
      for (let from = 0; from < line.length - 1; from += 1) {
        let to = from + 1;
        while (to + 1 < line.length && isStraight(line, from, to + 1)) to += 1;
        const length = Math.hypot(line[to].x - line[from].x, line[to].y - line[from].y);
        if (to > reached && length >= least) pieces.push({ from: line[from], to: line[to], length: length });
        reached = Math.max(reached, to);
      }
    });
    return pieces.sort(function (one, other) { return other.length - one.length; });
  }

  function isStraight(line, from, to) {
    const x = line[to].x - line[from].x;
    const y = line[to].y - line[from].y;
    const length = Math.hypot(x, y);
    for (let at = from + 1; at < to; at += 1) {
      const byX = line[at].x - line[from].x;
      const byY = line[at].y - line[from].y;
      const along = (byX * x + byY * y) / length;
      if (!(Math.abs(byX * y - byY * x) / length <= BENT_PX && along >= 0 && along <= length)) return false;
    }
    return true;
  }
})();
