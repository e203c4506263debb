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
      return {
        dataLayer: name === 'water' ? 'water' : 'roads', minzoom: from,
        symbolizer: new P.LineLabelSymbolizer({
          fill: colour(name === 'water' ? 'map-water-name' : 'map-street-name'), stroke: colour('halo'), width: 3,
          font: (name === 'water' ? 'italic 500 ' : '500 ') + size + 'px ' + FONT, maxLabelChars: ONE_LINE, repeatDistance: 300,
        }),
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
})();
