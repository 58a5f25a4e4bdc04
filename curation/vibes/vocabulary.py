"""The words the offline interpreter knows: genres and their families, moods, activities, weather, tempo, and how they sound.

A line is `words -> effects`. Words are separated by commas and matched without case, accents and hyphens. Effects:
`energy .8` is where a measure should lie (0..1) and rules out what lies far off; a trailing `~` makes it a mere
preference. `tempo 150-180` is a range in BPM, open at one end where a side is missing. The rest names itself.
"""

# ruff: noqa: E501 - a table with one entry a line
# name and synonyms -> what an album's genre must contain; the first word before the arrow is the name shown to people.
GENRES = """
pop -> pop
dance pop, electropop -> dance pop, electropop, synth-pop
indie pop, bedroom pop -> indie pop, bedroom pop
indie, independent -> indie
indie rock -> indie rock
dream pop, shoegaze -> dream pop, shoegaze
synth-pop, synthpop, synth pop, synthwave, new wave, retrowave, vaporwave -> synth-pop, synthwave, new wave, chillwave
chillwave -> chillwave
power pop -> power pop
k-pop, kpop, korean pop -> k-pop
j-pop, jpop, japanese pop, city pop -> j-pop, city pop
rock, rocknroll, rock and roll, rock n roll, rock 'n' roll -> rock
classic rock -> classic rock
soft rock, yacht rock -> soft rock, yacht rock
hard rock, arena rock, stadium rock -> hard rock
alternative, alternative rock, alt rock, alt -> alternative
blues rock -> blues rock
post-rock, post rock -> post-rock
prog, prog rock, progressive rock -> progressive rock
psychedelic, psychedelia, psych rock -> psychedelic
grunge -> grunge
garage rock -> garage rock
metal, heavy metal, metalhead, headbanging, headbanger, djent, metalcore, death metal, black metal -> metal
doom metal, doom -> doom metal
thrash metal, thrash -> thrash metal
symphonic metal -> symphonic metal
punk, punk rock, hardcore punk -> punk
pop punk, emo -> pop punk, emo
post-punk -> post-punk
hip hop, hiphop, rap, rapper, rappers, raps, rhymes, mc -> hip hop, rap
trap -> trap
drill -> drill
boom bap, old school hip hop, old school rap -> boom bap, old school
lo-fi, lofi, lofi beats, lo-fi beats, lo-fi hip hop, chillhop -> lo-fi, chillhop
r&b, rnb, r and b, rhythm and blues -> r&b
neo soul -> neo soul
slow jam, slow jams, quiet storm -> slow jam
soul -> soul
motown -> motown
funk, p-funk -> funk
gospel, worship -> gospel, worship
blues -> blues
disco -> disco
electronic, electronica, electro, edm, synths, techno pop, elektronisch, elektro -> electro, house, techno, drum and bass, trance, dubstep, edm, synth
house, house music -> house
deep house -> deep house
tech house -> tech house
techno, rave, warehouse -> techno
minimal techno -> minimal techno
acid, acid house -> acid
trance, psytrance -> trance
dubstep, bass music -> dubstep
uk garage, garage, 2-step -> garage
drum and bass, drum & bass, drum n bass, dnb, d&b, jungle, liquid dnb -> drum and bass, jungle, liquid
trip hop, triphop, downtempo -> trip hop, downtempo
idm, glitch -> idm, glitch
ambient, soundscape, soundscapes, drone -> ambient, drone
new age -> new age
classical, classical music, orchestral, orchestra, symphony, symphonic, chamber music, string quartet, strings, klassik, clasica, classique -> classical, baroque
baroque, bach -> baroque
opera, aria, arias, choral, choir -> opera, choral
piano, pianist, klavier -> piano
soundtrack, soundtracks, film music, film score, movie score, score -> soundtrack, score
jazz, jazzy -> jazz, bebop
bebop, hard bop -> bebop
vocal jazz, crooner, crooners -> vocal jazz
cool jazz -> cool jazz
swing, big band -> swing, big band
folk, folky, folksy, folk music -> folk
indie folk, chamber folk -> indie folk, chamber folk
singer-songwriter, singer songwriter, singer songwriters -> singer-songwriter
country, country music -> country
americana -> americana
bluegrass, banjo -> bluegrass
honky tonk -> honky tonk
latin, latin music, latino, latina -> latin, reggaeton, salsa, bossa nova
reggaeton, perreo, dembow -> reggaeton
salsa, merengue, bachata, cumbia -> salsa, merengue, bachata, cumbia
bossa nova, bossa, samba -> bossa nova, samba
tango -> tango
flamenco -> flamenco
afrobeat, afrobeats, afro, amapiano, highlife -> afrobeat, amapiano, highlife
reggae, rasta -> reggae
dub -> dub
ska -> ska
dancehall -> dancehall
world, world music -> world
celtic, irish folk -> celtic
spoken word, poetry -> spoken word
video game music, chiptune, 8-bit -> chiptune, video game
"""

FEELINGS = """
happy, happier, joyful, joyous, joy, cheerful, cheery, merry, gleeful, smiling, smile, delightful, glad, frohlich, glucklich, alegre, feliz, joyeux -> valence .8, energy .62 ~
upbeat, uplifting, feel good, feelgood, good mood, good vibes, positive, optimistic, gute laune, bonne humeur, animado -> valence .75, energy .65 ~
euphoric, ecstatic, elated, exhilarating -> valence .8, energy .82
hopeful, hope, inspiring, inspirational, encouraging -> valence .62, energy .5 ~
playful, fun, funny, silly, quirky, goofy, bouncy, carefree, lighthearted, whimsical -> valence .75, danceability .68 ~
sad, sadder, unhappy, depressed, depressing, mournful, sorrow, sorrowful, tearful, crying, cry, weeping, miserable, grief, grieving, traurig, triste, tristes -> valence .18, energy .32 ~
heartbreak, heartbroken, breakup, break up, lovesick, liebeskummer, desamor -> valence .22, energy .4 ~, acousticness .5 ~
melancholic, melancholy, wistful, bittersweet, longing, yearning, melancholisch, melancolico, melancolique, saudade -> valence .28, energy .36 ~, acousticness .55 ~
nostalgic, nostalgia, memories, reminiscing, throwback, childhood -> valence .5 ~, release_year 1990 ~
lonely, loneliness, alone, solitude, isolated, einsam -> valence .25, energy .28 ~
moody, brooding, gloomy, somber, sombre, bleak, sinister, dark, darker, noir, gothic, goth, eerie, spooky, haunting, haunted, creepy, ominous, duster, dunkel, oscuro -> valence .2, energy .45 ~
angry, anger, furious, rage, raging, mad, hate, hateful, wutend, enojado -> energy .9, valence .3 ~
aggressive, brutal, violent, fierce, savage, hard, harsh, noisy -> energy .9
heavy, heavier, loud, louder, pounding, thundering, crushing, laut -> energy .88, loudness -5 ~
tense, anxious, anxiety, nervous, suspense, suspenseful, thriller, restless -> energy .6 ~, valence .25
calm, calmer, calming, peaceful, peace, serene, serenity, tranquil, quiet, still, stillness, restful, soothing, gentle, gentler, tender, soft, softer, ruhig, leise, sanft, tranquilo, tranquila, calme, doux -> energy .2, acousticness .65 ~
chill, chiller, chilled, chilling, chillout, chill out, laid back, relaxed, relaxing, relax, relaxation, mellow, easygoing, easy going, unwind, unwinding, lazy, no stress, entspannt, relajado -> energy .3, valence .5 ~
cozy, cosy, warm, snug, homely, comforting, comfy, gemutlich, hygge, blanket, fireplace -> energy .28, acousticness .65 ~, valence .5 ~
dreamy, dream, dreams, ethereal, floating, floaty, hazy, spacey, space, cosmic, celestial, otherworldly, atmospheric, stars, stargazing -> energy .35, instrumentalness .5 ~, acousticness .5 ~
mysterious, mystical, magical, enchanted, hypnotic, trippy, meditative -> energy .38 ~, valence .35 ~, instrumentalness .55 ~
epic, cinematic, dramatic, majestic, grand, triumphant, heroic, anthemic, anthem, anthems -> energy .75, loudness -6 ~
powerful, strong, confident, confidence, empowering, badass, fearless, boss, bossy, swagger -> energy .76, danceability .62 ~
energetic, energy, energizing, energising, lively, vibrant, high energy, full of energy, pumped, pumped up, pump up, hype, hyped, hyper, amped, intense, intensity, wild, crazy, electrifying, adrenaline, explosive, energiegeladen, energico -> energy .85
low energy, subdued, understated, sleepy, drowsy, tired, slowed -> energy .2
medium energy, mid energy, moderate energy -> energy 0.5 =
romantic, romance, romantisch, romantico, love, lovers, loving, amor, amour, liebe, valentine, date night, candlelight, candlelit, wedding, honeymoon -> valence .52 ~, energy .38, acousticness .5 ~
sexy, sensual, seductive, sultry, steamy, flirty -> danceability .68, energy .5 ~, tempo 70-115 ~
groovy, groove, grooves, funky, grooving, grooving, swinging -> danceability .76, valence .65 ~
dance, dancing, danceable, dancefloor, dance floor, tanzen, tanz, bailar, baile, danser -> danceability .78, energy .7 ~
smooth, silky, velvet, velvety, classy, elegant, sophisticated, lounge -> energy .4, danceability .6 ~
acoustic, unplugged, stripped down, stripped back, campfire, guitar and voice, akustisch, acustico -> acousticness .8
acoustic guitar, fingerpicking, guitar, ukulele, harp, cello, violin -> acousticness .7 ~
electric guitar, guitars, distorted, distortion, fuzzy -> energy .78 ~, acousticness .1 ~
raw, gritty, rough, dirty -> energy .7 ~, acousticness .3 ~
minimal, minimalist, sparse, simple -> energy .3 ~, loudness -14 ~
lush, rich, layered, orchestrated -> acousticness .5 ~, energy .5 ~
hot, fire, banger, bangers, slaps, lit, turn up, turnt -> energy .84, danceability .7 ~
cool, slick, stylish -> energy .55 ~, danceability .66 ~
live feel, crowd, audience -> liveness .6 ~
talky, wordy, lyrical, lyricism, bars, flow -> speechiness .25 ~
"""

OCCASIONS = """
workout, work out, working out, gym, lifting, weights, weightlifting, training, exercise, exercising, fitness, crossfit, hiit, cardio, boxing, spinning, sport, sports, entrenar -> energy .85, tempo 115- ~, danceability .62 ~, arc peak
running, run, runs, runner, jog, jogging, sprint, sprints, marathon, laufen, joggen, correr -> energy .8, tempo 145-182, arc peak
cycling, bike, biking, bike ride, spin class -> energy .78, tempo 120-150 ~, arc peak
walk, walking, stroll, strolling, hike, hiking, spaziergang, paseo, dog walk -> energy .5 ~, tempo 90-125 ~, valence .6 ~
skating, skateboarding, surfing, snowboarding, skiing -> energy .78, valence .6 ~
study, studying, homework, exam, exams, focus, focused, focusing, concentrate, concentration, deep work, coding, programming, code, lernen, estudiar, konzentration -> energy .32, instrumentalness .7 ~, speechiness .04 ~
work, working, office, desk, background, background music, hintergrund -> energy .4 ~, instrumentalness .6 ~, speechiness .05 ~
reading, read, book, library, writing, painting, drawing, knitting -> energy .25, instrumentalness .65 ~, acousticness .65 ~
sleep, sleeping, asleep, fall asleep, bedtime, bed, lullaby, lullabies, nap, napping, insomnia, slumber, schlafen, einschlafen, dormir -> energy .12, loudness -18 ~, acousticness .8 ~, arc wind_down
meditation, meditate, meditating, mindfulness, yoga, spa, massage, breathe, breathing, zen, stretching, bath, bathtub -> energy .15, instrumentalness .75 ~, acousticness .75 ~
party, partying, house party, birthday, celebration, celebrate, celebrating, festival, clubbing, club, night out, pre drinks, pregame, fiesta, feier, feiern, fete, karneval, new year's eve -> energy .8, danceability .74, valence .62 ~, arc build
after party, afterparty, afterhours, after hours, comedown -> energy .5 ~, danceability .66 ~, arc wind_down
pool, poolside, beach, seaside, ocean, sea, island, tropical, holiday, vacation, palm trees, playa, strand, meer, hammock -> valence .68, energy .55 ~, danceability .66 ~
barbecue, bbq, cookout, picnic, garden party, backyard -> valence .7, energy .6 ~, danceability .65 ~
dinner, dinner party, dining, wine, cocktail, cocktails, restaurant, candle -> energy .35, acousticness .5 ~, valence .5 ~, arc flat
cooking, kitchen, baking, brunch, breakfast, lunch, kochen -> energy .5 ~, valence .68, danceability .62 ~
coffee, coffeehouse, coffee shop, cafe, tea, kaffee -> energy .32, acousticness .65 ~, valence .5 ~
cleaning, chores, housework, tidying, vacuuming, putzen -> energy .72, valence .7 ~, danceability .68 ~
driving, drive, drives, road trip, roadtrip, highway, motorway, car, cruising, cruise, open road, autofahrt, carretera -> energy .66, valence .55 ~
night drive, midnight drive, late night drive, neon -> energy .58, valence .3, danceability .62 ~
commute, commuting, train, bus, subway, metro, train ride, plane, flight, airport, travel, travelling, traveling, journey, wandering -> energy .5 ~, valence .48 ~
gaming, game, video games, esports -> energy .72, instrumentalness .5 ~
shower, singalong, sing along, sing-along, singalongs, karaoke night, belt out, mitsingen -> valence .68, energy .65 ~, vocals
kids, children, family, family friendly, kid friendly, kinder -> valence .72, clean
gardening, farm, countryside, fields, meadow, forest, woods, mountain, mountains, river, lake, nature, cabin, camping -> acousticness .7, energy .35 ~
city, urban, downtown, street, streets, rooftop, skyline -> energy .6 ~, danceability .66 ~
desert, dust, prairie, cowboy, cowboys, western, rodeo, ranch -> acousticness .4 ~, valence .5 ~, tempo 85-130 ~
funeral, farewell, goodbye, mourning -> valence .15, energy .22
halloween, horror, zombie, vampire -> valence .22, energy .6 ~, season halloween ~
christmas, xmas, x-mas, christmas songs, christmas music, christmas carols, carols, santa, santa claus, weihnachten, weihnacht, weihnachtslieder, navidad, villancicos, noel, natale, kerst, kerstmis, god jul -> season christmas
morning, mornings, sunrise, dawn, wake up, waking up, getting up, morgen, manana, matin -> valence .62, energy .45 ~, arc build
slow morning, lazy morning -> energy .25, valence .55 ~, acousticness .6 ~
afternoon, daytime, midday -> valence .6 ~, energy .5 ~
evening, evenings, dusk, twilight, sunset, golden hour, abend, tarde, soir -> energy .4 ~, valence .5 ~, arc wind_down
night, nights, midnight, late night, 2am, 3am, 4am, nighttime, nocturnal, moonlight, moon, nacht, noche, nuit -> energy .4 ~, valence .32 ~
monday, mondays -> energy .6 ~, valence .5 ~
friday, saturday, weekend, weekends, wochenende, payday -> energy .72 ~, danceability .7 ~, valence .65 ~
sunday, sundays, sonntag, domingo, dimanche -> energy .32 ~, acousticness .6 ~, valence .5 ~
rain, rainy, raining, drizzle, drizzly, grey, gray, overcast, cloudy, regen, regnerisch, lluvia, lluvioso, pluie -> energy .3, valence .3 ~, acousticness .6 ~
storm, stormy, thunder, thunderstorm, lightning, hurricane -> energy .75, valence .28 ~
fog, foggy, mist, misty, haze -> energy .28, instrumentalness .5 ~, valence .3 ~
sun, sunny, sunshine, sunlight, sonne, sonnig, soleil -> valence .75, energy .58 ~
summer, summery, summertime, heatwave, july, august, sommer, verano, ete -> valence .72, energy .64 ~, danceability .66 ~
spring, blossom, april, may morning, fruhling, primavera -> valence .65, energy .5 ~, acousticness .5 ~
autumn, fall, autumnal, october, november, leaves, herbst, otono, automne -> valence .35 ~, energy .34, acousticness .65 ~
winter, wintry, snow, snowy, snowfall, frost, cold, icy, ice, december, january, invierno, hiver, schnee -> energy .28, valence .35 ~, acousticness .6 ~
"""

MEASURES = """
fast, faster, quick, quicker, speedy, rapid, up tempo, uptempo, high tempo, schnell, schnelle, rapido, rapide, allegro, presto, vivace, fast paced, breakneck -> tempo 125-
slow, slower, slowly, down tempo, low tempo, slow tempo, ballad, ballads, langsam, langsame, lento, lente, adagio, largo, slow burn, slow burning -> tempo -98
mid tempo, midtempo, medium tempo, moderate tempo, andante, moderato -> tempo 95-120
hits, hit, popular, famous, well known, known, charts, chart, chart topping, top 40, top hits, mainstream, big songs, radio, classics, everybody knows, everyone knows, bekannt, exitos -> popular
obscure, hidden gems, hidden gem, deep cuts, deep cut, deep catalogue, deep catalog, underground, unknown, lesser known, little known, rare, rarities, b sides, overlooked, underrated, undiscovered, unheard, geheimtipps, unbekannt -> hidden
instrumental, instrumentals, instrumentally, instrumental music, wordless, no words, without words, instrumentalmusik -> instrumental
vocals, vocal, singing, singer, singers, voice, voices, lyrics, sung, words, gesang, text, texte, voz, voces, letra, paroles, chant -> vocals
explicit, explicit lyrics, swearing, swear words, swear, cursing, curse words, profanity, dirty lyrics, vulgar, bad language, cuss words, parental advisory -> explicit
clean, clean lyrics, radio edit, safe for work, sfw, child friendly, g rated, pg, jugendfrei -> clean
live, live versions, live version, live recordings, live recording, live album, live albums, live music, in concert, concert, concerts -> version live
remix, remixes, remixed -> version remix
remaster, remasters, remastered -> version remaster
karaoke, karaoke version, karaoke versions -> version karaoke
sped up, sped up version, sped up versions, nightcore -> version sped_up
slowed and reverb, slowed reverb, slowed version, slowed versions -> version slowed
a cappella, acapella, acappella -> version acapella
tribute band, tribute bands, tribute version, tribute versions -> version tribute
demo, demos, demo version, demo versions, demo recordings -> version demo
major key, major, dur -> key major
minor key, minor, moll -> key minor
short songs, short tracks, short ones -> length -170
long songs, long tracks, long ones, extended, epics, long jams, jams -> length 330-
build up, builds up, building, build, builds, crescendo, gets louder, getting louder, gets faster, getting faster, rising, ramp up, warm up, warming up, slow start, starts slow, start slow -> arc build
wind down, winding down, cool down, cooling down, fade out, fading, calms down, ends quiet, end quietly -> arc wind_down
peak, peaks, climax -> arc peak
ups and downs, waves, rollercoaster, roller coaster, ebb and flow -> arc wave
steady, constant, even, consistent, all the same -> arc flat
new, newest, recent, latest, fresh, brand new, modern, current, contemporary, new releases, neu, neue, nuevo, nouveau -> recent 3
old, older, oldies, oldie, vintage, retro, old school, old fashioned, alt deutsch, alte, viejo -> years -1985
timeless -> years -2000
twenties -> years 2020-2029
thirties -> years 1930-1939
forties -> years 1940-1949
fifties, funfziger -> years 1950-1959
sixties, sechziger -> years 1960-1969
seventies, siebziger -> years 1970-1979
eighties, achtziger, ochenta, ochentas -> years 1980-1989
nineties, neunziger, noventa, noventas -> years 1990-1999
noughties, naughties, y2k, two thousands, nullerjahre, zweitausender -> years 2000-2009
millennial -> years 1995-2012
"""

EMOJI = """
😢 😭 😿 🥺 😞 😔 -> sad
💔 -> heartbreak
😊 😀 😃 😄 😁 🙂 😸 🌈 🌻 -> happy
🎉 🥳 🎊 🪅 🍾 -> party
💃 🕺 🪩 -> dance
😴 💤 🛌 -> sleep
🌧 ☔ 🌦 💧 -> rainy
⛈ 🌩 ⚡ -> storm
☀ 🌞 😎 -> sunny
🏖 🌴 🏄 🍹 🌊 -> beach
🏃 👟 -> running
💪 🏋 🥊 -> workout
🚴 -> cycling
❤ 😍 🥰 💕 💘 🌹 💋 -> romantic
🔥 🚀 💥 -> banger
🧘 🕯 🍃 🕊 -> calm
🎸 -> rock
🎷 🎺 -> jazz
🎹 -> piano
🎻 -> classical
🪕 -> bluegrass
🤘 💀 -> metal
🤠 🐎 🌵 -> country
🌙 🌃 🌌 ✨ -> night
🚗 🛣 🏎 -> driving
📚 🤓 -> study
💻 -> coding
☕ 🍵 -> coffee
🍂 🍁 -> autumn
❄ ⛄ 🌨 -> winter
🌸 -> spring
😡 🤬 😠 👿 -> angry
👻 🎃 🧛 -> halloween
🎄 🎅 🤶 -> christmas
🏕 🌲 -> forest
🕹 🎮 -> gaming
🧹 -> cleaning
🍝 🍷 -> dinner
👶 🧸 -> kids
🎤 -> sing along
"""

# Words that turn the next ones around, until a comma, a full stop or one of ENDS.
NEGATIONS = (
    "no, not, without, w/o, nothing, never, don't, dont, doesn't, isn't, aren't, non, avoid, avoiding, skip, except, excluding, exclude, "
    "minus, zero, less, free of, none of, anything but, nothing like, ohne, kein, keine, keinen, nicht, nichts, sin, sans, pas"
)
MILD_NEGATIONS = "not too, not so, not very, not that, not overly, nothing too, nothing very, never too, nicht zu, not really"
NOT_NEGATIONS = (
    "not only, not just, not bad, no matter, no problem, don't stop, can't stop, no one, no doubt, why not"
)
ENDS = "but, yet, however, with, plus, then, just, only, although, though, aber, mit, pero, con, mais, avec, please"
CARRY = "or, nor, and, &, oder, und, o, ou, y, et"

STRONG = "very, really, super, extremely, so, ultra, mega, totally, insanely, incredibly, deeply, absolutely, utterly, most, max, maximum, pure, sehr, muy, tres, total"
WEAK = (
    "a bit, a little, a little bit, bit, little, slightly, somewhat, kind of, kinda, sort of, mildly, fairly, rather, semi, a touch, "
    "ein bisschen, etwas, un poco, un peu, moderately, quite, pretty"
)

# Words that say nothing about music, so that the note about unknown words names only the real ones.
SILENT = """
a an the and or of for to in on at by from with my me i i'm im am is are was be it its it's this that these
those some any all music song songs track tracks tune tunes playlist playlists mix list set vibe vibes vibey
mood moods feel feels feeling feelings sound sounds sounding style stuff something anything things thing
like want wants need needs give make making play playing please good great best nice perfect let let's get
got go going when while where as if into up out over under about around more most much many lot lots very
too also just only really can could would should will you your we us our they them he she his her who what
how do does did have has had there here than then day days time times hour hours minute minutes year years
era decade decades bpm tempo key genre genres artist artists band bands album albums beat beats melody
melodies way one ones two kind sort type types full through before after during until till since between new
und der die das den dem ein eine einen fur zum zur mit musik lieder stimmung y el la los las un una para
musica canciones de del en et le les des pour musique chansons du dans ist mir mich bitte jahre jahren anos
annees decada but yet today tonight now right someone everyone person people friend friends listen listening
hear being makes maybe bring keep every each other another first last long short big small still
"""
