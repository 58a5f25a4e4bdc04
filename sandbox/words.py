"""The words that names and titles of the made-up catalogue are made of; none is a real artist on purpose."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


FIRST = _words("""
    Ada Alva Amara Anouk Ansel Aria Arlo Astrid Beno Bram Calla Cato Cleo Corin Dario Delia Edda Elio
    Elske Emrys Enzo Esme Fenna Fio Freya Gaia Greta Hale Hanno Ida Ilse Imre Ines Isla Ivo Jarek Jonna
    Juno Kaia Kei Lale Leif Lena Lior Liv Luca Mabel Maeve Malik Mara Milo Mina Nadia Nell Niko Noor
    Odette Ola Orin Otis Pia Quill Rafa Rhea Romy Rune Sabine Sami Selma Silas Sol Suri Tamsin Teo Thea
    Tove Una Vera Viggo Wren Yara Yuki Zadie Zeno
""")
SURNAME_START = _words("""
    Al Bar Bel Bran Cal Cor Dal Del Dor El Fal Fen Gar Hal Har Isk Jor Kal Kes Lan Lor Mar Mer Nor Oss
    Pal Quen Ros Sal Ser Tal Tor Ul Val Ver Wend Yar Zel
""")
SURNAME_END = _words("""
    amund astri bury cott dane dottir edge elin enko fell ford gard hollow iak ivar land lind loe mere
    more nesse oski over quist rada ridge rowe ston thorne tova vall vane verde wick wynn zari
""")
ADJECTIVE = _words("""
    Amber Ashen Blue Bright Brittle Burning Cold Copper Coral Crooked Crystal Distant Drifting Dusty
    Electric Empty Endless Faded Feral Fever First Floating Fragile Frozen Gentle Ghost Gilded Glass
    Golden Grey Hidden Hollow Holy Hungry Invisible Iron Ivory Kind Last Lazy Little Lonely Lost Lucky
    Magnetic Midnight Mild Neon Northern Open Pale Paper Patient Pink Plastic Polar Quiet Rapid Restless
    Royal Rusted Sacred Salt Secret Seventh Shallow Silent Silver Slow Small Soft Solar Southern Spare
    Static Strange Sudden Sunday Sweet Tender Thin Tidal Tired Turning Velvet Violet Warm Wicked Wild
    Winter Wooden Young
""")
NOUN = _words("""
    Animal Anthem Arcade Arrow Atlas Avenue Balcony Beacon Bell Bloom Boulevard Bridge Candle Canyon
    Carousel Cassette Chapel Circuit City Cloud Coast Comet Compass Cradle Crown Dancer Daughter Desert
    Diamond Door Dynamo Echo Ember Engine Falcon Feather Ferry Field Fire Flag Flower Forest Fountain
    Fox Garden Gate Giant Glacier Harbor Heart Heron Highway Horizon Hotel House Island Key Kingdom Kite
    Ladder Lagoon Lantern Letter Light Lighthouse Lion Machine Magnet Map Meadow Mirror Monument Moon
    Motel Mountain Museum Needle Neighbor Ocean Orchard Orchid Palace Parade Pilot Planet Porch Postcard
    Prism Radio Railway Rain Raven Ribbon River Rocket Room Sail Satellite Season Shadow Shore Signal
    Sister Sky Sparrow Spiral Stair Star Station Storm Stranger Street Summer Swan Telephone Temple
    Theatre Thief Thunder Tide Tiger Tower Train Tunnel Valley Violin Voyage Wall Water Wave Weather
    Window Wing Winter Wire Wolf Wonder Writer Yard
""")
PLACE = _phrases("""
    Alder Bay, Arlen Street, Basalt Point, Cinder Hill, Copperline, Dunmere, East Kessel, Fenwater,
    Gallow Heights, Halden, Ironmoor, Junction Nine, Kestrel Road, Lowmarsh, Mirabel, Nine Elms Yard,
    Ostra, Pinegate, Quarry Lane, Redwharf, Saltmarsh, Tarn Hollow, Umber Quay, Vantor, Westerfell,
    Yellow Dock
""")
LABEL = _phrases("""
    Paper Lantern, Low Tide, North Quay, Blue Hour, Small Hours, Kessel, Halden Sound, Redwharf, Tin
    Roof, Night Bus, Sunday Press, Glasshouse, Ostra, Fieldwork, Basalt, Second Floor, Arcadia Nine,
    Cinder Hill, Long Summer, Plain Song
""")
LABEL_KIND = ("Records", "Recordings", "Music", "Sound", "Discs", "Audio")

MOODS = {
    "love": _words("""
        Heart Kiss Promise Letter Honey Arms Forever Tonight Darling Lips Touch Goodbye Secret Ring
        Morning Fever Tears Name
    """),
    "party": _words("""
        Floor Lights Weekend Bass Disco Glitter Rush Neon Saturday Champagne Sweat Rhythm Tonight
        Mirrorball Sirens Glow
    """),
    "dream": _words("""
        Daydream Polaroid Bicycle August Lemonade Bedroom Clouds Satellites Sleepwalk Postcards Cardigan
        Windows Fireflies
    """),
    "road": _words("""
        Highway Engine Dust Truck Whiskey Border Thunder Gasoline Railroad Sunset Motel Miles Canyon
        Freight Radio Home
    """),
    "doom": _words("""
        Ashes Blood Crown Throne Ruin Serpent Grave Iron Oblivion Plague Wrath Abyss Hammer Skull Eclipse
        Void
    """),
    "riot": _words("""
        Riot Suburb Basement Broken Rats Detention Gutter Boredom Police Noise Kids Trash Nowhere Siren
        Vandal
    """),
    "street": _words("""
        Block Money Corner Crown Hustle Chain Concrete Smoke Loyalty Cypher Blueprint Pressure Paper
        Brothers Window
    """),
    "machine": _words("""
        Voltage Sequence Modulator Pressure Warehouse Pulse Circuit Signal Phase Vector Strobe Kinetic
        Rotor Grid Cascade
    """),
    "still": _words("""
        Stillness Drift Breath Tide Snowfall Moss Lullaby Haze Hush Dusk Driftwood Sleep Feather Fog Slow
        Water
    """),
    "classical": _words("""
        Nocturne Prelude Sonata Elegy Aria Etude Intermezzo Adagio Pastorale Fantasia Barcarolle Suite
        Bagatelle
    """),
    "night": _words("""
        Midnight Smoke Moonlight Avenue Blue Last Call Rain Corner Whisper Brass Umbrella Candle Taxi
        Velvet Stroll
    """),
    "field": _words("""
        River Orchard Sparrow Hollow Harvest Mountain Lantern Meadow Winter Ferry Oak Mother Wool Garden
        Lowlands Stone
    """),
    "latin": _words("""
        Corazón Noche Fuego Playa Luna Baila Camino Cielo Verano Mariposa Canela Arena Sabor Madrugada
        Fiesta Alma
    """),
    "sun": _words("""
        Sunshine Island River Roots Freedom Rain Hills Fisherman Morning Peace Harbor Mango Rising Yard
        Sound Drum
    """),
}
