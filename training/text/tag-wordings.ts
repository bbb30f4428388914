/**
 * How people say what the vibe tags mean, written by hand: the vocabulary of the texts that the text models learn from.
 * The last two of each line are kept from training, to see how the models take words that they were never shown: the last
 * but one for validation, the last for the test.
 */
import { TAG_PHRASES } from '../../core/venue/venue-phrases.ts';
import { VIBE_TAGS, type VibeTag } from '../../core/venue/vocabulary.ts';

const WORDINGS: Readonly<Record<VibeTag, string>> = {
  'local-favourite':
    'full of locals | where the neighbours go | locals love it | all regulars in here | a neighbourhood favourite | everybody from the block comes back',
  'hidden-gem':
    'a real hidden gem | you would walk right past it | tucked away in an alley | hardly anyone knows it | off the beaten path | a well kept secret',
  iconic:
    'an icon of the city | a must see | on every postcard | the famous one | the symbol everybody photographs | known all over the world',
  institution:
    'a city institution | been here for generations | run by the same family for decades | around for ever | an old classic of the town | their grandparents already came here',
  'community-run':
    'run by the community | a neighbourhood co-op | volunteers keep it going | owned by its members | a nonprofit collective | the people of the area run it together',
  indie:
    'independent | a small indie place | not a chain | owner runs it himself | independently owned | proudly no franchise',
  'queue-worthy':
    'worth the queue | the line goes round the corner | expect to wait an hour | get in line early | long line but worth it | we queued and did not regret it',
  'no-reservations':
    'no reservations | walk ins only | first come first served | you cannot book | they do not take bookings | just turn up, no booking',
  cosy: 'cosy | snug little room | warm and homely | feels like a living room | cozy corner | intimate and warm',
  quiet: 'quiet | peaceful | calm, hardly a sound | a silent spot | so tranquil | you can hear yourself think',
  lively: 'lively | great buzz | bustling crowd | always something going on | full of energy | a vibrant atmosphere',
  loud: 'loud | the music is cranked up | so noisy you have to shout | deafening on weekends | high volume | bring earplugs',
  romantic:
    'romantic | perfect for a date | candlelight for two | took my girlfriend for our anniversary | date night spot | lovely for couples',
  'kid-friendly':
    'good with kids | our children loved it | family friendly | bring the little ones | kid friendly | the whole family had fun with the toddlers',
  'adults-only':
    'adults only | no kids allowed | 21 and over | they check your id at the door | over 18s only | leave the children at home',
  'late-night':
    'open late | we stayed until 3 am | after midnight | good for a late night | open till the small hours | a night owl spot',
  'early-start':
    'go early in the morning | opens at dawn | best at sunrise | get there first thing | good early | be there before breakfast',
  'outdoor-seating':
    'outdoor seats | sat out on the patio | tables on the terrace | a nice garden to sit in | outside tables | sidewalk seating',
  waterfront:
    'on the water | right at the harbour | by the river | on the shore of the lake | waterfront | along the bay',
  view: 'what a view | you can see the whole skyline | panorama of the mountains | great views | looking over the city | a stunning vista',
  sunset:
    'go at sunset | watched the sun go down | golden hour is magic | best at dusk | sunset spot | the evening sky turns pink there',
  rooftop:
    'rooftop | up on the roof | roof terrace | drinks on top of the building | a rooftop deck | on the roof of a tower',
  historic:
    'historic | centuries old building | a heritage site | built in the old days | an ancient place | from the eighteen hundreds',
  architecture:
    'amazing architecture | a beautiful facade | look at the ceiling and the columns | for fans of buildings | an architectural marvel | the building itself is the attraction',
  'modern-design':
    'modern design | sleek and minimalist | contemporary building | design lovers will like it | a futuristic look | clean modern lines',
  artsy: 'artsy | artists hang out here | a creative bohemian crowd | arty | art on all walls | an artistic spirit',
  'contemporary-art':
    'contemporary art | modern art installations | new works by living artists | an exhibition of video art | modern art | art of our own time',
  'classical-art':
    'old masters | classical paintings | renaissance and baroque art | ancient sculpture | classical art | paintings from past centuries',
  'street-art':
    'street art | murals everywhere | graffiti walls | painted walls in the alley | a huge mural | spray painted art outside',
  history:
    'learn about history | tells the story of the city | a lot about the past | exhibits on the war and the founders | history buffs will love it | a deep look into the past',
  'indigenous-culture':
    'indigenous culture | native peoples and their art | aztec and maya heritage | first nations stories | pre-hispanic culture | the native american collection',
  spiritual:
    'a sacred place | people come to pray | monks chanting | incense and prayers | a holy place | a spiritual moment',
  science:
    'science | hands on physics experiments | technology and space | a planetarium show | science and technology exhibits | robots and rockets',
  'pop-culture':
    'pop culture | anime and manga | video game heroes and comics | cosplay | for fans of comics | movie props and toys of our childhood',
  literary:
    'for readers | shelves full of books | poetry readings | writers used to meet here | book lovers paradise | novels and poems',
  film: 'for film lovers | they show old movies | arthouse cinema | a film festival | movie buffs | screens classics on 35mm',
  'live-music':
    'live music | a band plays every night | great concerts | saw a gig here | live bands | local bands on stage',
  jazz: 'jazz | a sax trio plays swing | bebop on friday | jazz quartet | jazz nights | a trumpet player improvising',
  dancing:
    'dancing | the dance floor was packed | djs until morning | salsa all night | we danced | bring your dancing shoes',
  'queer-friendly':
    'lgbtq friendly | a gay bar | drag shows | queer space | pride flags everywhere | welcoming to lesbians and gays',
  'people-watching':
    'people watching | sit and watch the crowd go by | watch the world pass | observe the passers by | great for people watching | just sit and look at everyone',
  photogenic:
    'photogenic | so many photos | instagram worthy | bring your camera | pretty as a picture | great for pictures',
  shopping:
    'shopping | boutiques and stores | bought too many souvenirs | a shopping spree | a good place to shop | buy gifts here',
  vintage:
    'vintage | second hand clothes | antiques and old vinyl | thrift finds | used treasures | retro stuff from the seventies',
  crafts:
    'handmade crafts | potters and weavers | artisans at work | ceramics and textiles | handicraft | things made by hand',
  green: 'lots of trees | big lawns | so green | under the leaves | a green oasis | grass and shade',
  wild: 'wild nature | untamed forest | feels like wilderness | eagles and old growth | nature left alone | rugged and wild',
  hike: 'a great hike | we hiked up the hill | steep trail | bring hiking boots | hiking | a long walk uphill in the mountains',
  cycling: 'by bike | rent a bicycle | a cycle path | cycling along | bike trail | easy to ride your bike',
  swim: 'swimming | jump in the water | swim in the lake | pools to swim laps | bring your swimsuit | a dip in cool water',
  paddling: 'kayak | rent a canoe | paddle boards | row a boat | kayaking and paddling | out in a rowing boat',
  picnic:
    'picnic | bring a blanket and lunch | picnic tables | eat on the grass | perfect for a picnic | pack sandwiches and a blanket',
  blossom:
    'cherry blossom | autumn leaves | flowers in bloom in spring | sakura season | fall colours | everything in blossom in april',
  animals: 'animals | penguins and otters | feed the goats | cats everywhere | watch the animals | sea lions and birds',
  active: 'get moving | a real workout | climb and run | physically active | for active people | we were sweating',
  wellness:
    'spa day | hot baths and sauna | a massage | soak in the onsen | so relaxing for the body | steam room and pools',
  games:
    'games | arcade machines | board games and pinball | bowling | play pool and darts | shuffleboard and retro consoles',
  sports: 'sports | watch the match | baseball game | stadium crowd | a football game | cheering for the home team',
  'rainy-day':
    'good in the rain | on a rainy day | shelter from the wet weather | when it pours | a rainy afternoon | if the weather is bad',
  free: 'free entry | costs nothing | no admission fee | for free | free of charge | did not pay a cent',
  'cheap-eats':
    'cheap eats | filling and cheap | a meal for a few dollars | bargain plates | great food at low prices | ate well for little money',
  splurge:
    'worth the splurge | expensive but special | pricey treat | for a big occasion | a real splurge | save up for it',
  'fine-dining':
    'fine dining | tasting menu | michelin stars | white tablecloths | haute cuisine | twelve courses with perfect service',
  'counter-seating':
    'sit at the counter | counter seats | watch the chef from the bar stool | eight seats at the counter | a stool at the counter | only a counter facing the kitchen',
  'standing-bar':
    'standing bar | you drink standing up | no chairs, just a counter to lean on | tachinomi | a stand up bar | everyone stands with a glass',
  'street-food':
    'street food | from a food cart | stall on the corner | eat it standing on the street | food truck | street vendors',
  'adventurous-food':
    'unusual food | insects and offal | strange dishes | for the brave eater | food you never tried before | weird and wonderful bites',
  'comfort-food':
    'comfort food | like grandma cooks | mac and cheese | hearty home cooking | soul food | simple food that makes you happy',
  coffee:
    'great coffee | espresso and pour over | they roast their own beans | best flat white | serious about coffee | a perfect cappuccino',
  tea: 'tea | matcha and sencha | a pot of oolong | tea ceremony | fine teas | afternoon tea',
  pastry: 'pastries | croissants | fresh bread and cakes | buttery kouign amann | baked goods | a flaky pastry',
  brunch:
    'brunch | eggs benedict | pancakes on sunday | weekend brunch | brunch with mimosas | a late breakfast with friends',
  sweets: 'ice cream | sweets | gelato | donuts and cake | dessert | chocolate and candy',
  ramen: 'ramen | tonkotsu broth | a bowl of ramen | miso ramen | ramen shop | rich pork broth with noodles and egg',
  noodles: 'noodles | udon and soba | hand pulled noodles | noodle soup | slurp noodles | a bowl of soba',
  sushi: 'sushi | nigiri | omakase | raw tuna over rice | sushi counter | the freshest sashimi',
  seafood: 'seafood | oysters | grilled fish and crab | fresh shrimp | clams and mussels | catch of the day',
  tacos: 'tacos | al pastor | tortillas with carnitas | taco stand | tacos de suadero | salsa on fresh corn tortillas',
  mole: 'mole | oaxacan kitchen | regional mexican cooking | mole negro | dishes from puebla and oaxaca | traditional cooking of the mexican regions',
  pizza: 'pizza | a slice | wood fired margherita | neapolitan pizza | pizza pie | thin crust with mozzarella',
  burgers: 'burgers | cheeseburger and fries | smash burger | juicy patties | a burger joint | hamburger',
  bbq: 'barbecue | ribs and brisket | smoked meat | grilled over charcoal | bbq | yakiniku and yakitori from the grill',
  dumplings: 'dumplings | dim sum | xiao long bao | gyoza | steamed dumplings | bamboo baskets of shumai',
  'bagels-deli':
    'bagels | pastrami on rye | a jewish deli | lox and cream cheese | delicatessen | smoked fish on a bagel',
  italian: 'italian | fresh pasta | trattoria | risotto and tiramisu | italian food | spaghetti like in rome',
  french: 'french | bistro | steak frites | like in paris | french food | a brasserie with foie gras',
  japanese: 'japanese | izakaya | tempura and tonkatsu | donburi | japanese food | authentic taste of japan',
  chinese: 'chinese | sichuan | peking duck | cantonese | chinese food | hot pot like in chengdu',
  korean: 'korean | bibimbap | kimchi stew | bulgogi | korean food | korean fried chicken and banchan',
  'southeast-asian':
    'thai | vietnamese pho | banh mi | malaysian laksa | southeast asian food | filipino and indonesian dishes',
  'south-asian': 'indian | curry and naan | biryani | masala dosa | indian food | pakistani and nepali kitchen',
  'middle-eastern':
    'middle eastern | falafel and hummus | kebab | lebanese meze | middle eastern food | shawarma and baklava',
  african: 'african | ethiopian injera | jollof rice | senegalese | african food | eritrean stews',
  vegetarian: 'vegetarian | vegan menu | plant based | no meat at all | good for vegans | meat free',
  'craft-beer':
    'craft beer | ipa on tap | they brew their own | a flight of ales | good beer | local stouts and lagers',
  cocktails:
    'cocktails | a perfect negroni | mixology | martinis and highballs | great cocktails | the bartender shakes inventive drinks',
  wine: 'wine | natural wines by the glass | a long wine list | bottles from burgundy | good wine | the sommelier poured a riesling',
  sake: 'sake | junmai by the glass | nihonshu | a flight of sake | sake list | warm sake and small plates',
  mezcal: 'mezcal | agave spirits | tequila tasting | pulque | mezcaleria | smoky spirits from oaxaca',
  dive: 'dive bar | cheap beer and a jukebox | sticky floor in the best way | a gritty dive | divey | no frills boozer',
  speakeasy:
    'speakeasy | a secret door | hidden bar behind a bookcase | knock and say the password | a secret bar | unmarked entrance to a bar',
  karaoke:
    'karaoke | sing all night | grab the microphone | private singing rooms | karaoke booths | we sang our hearts out',
};

/** Which texts may use a wording. */
export type Wording = 'training' | 'validation' | 'test';

/** `training`: all but the last two, and the vocabulary's own label and phrase; the others: the one kept for them. */
export function tagWordings(tag: VibeTag, which: Wording): readonly string[] {
  const all = WORDINGS[tag].split(' | ');
  if (which !== 'training') return all.slice(which === 'test' ? -1 : -2, which === 'test' ? undefined : -1);
  return [...all.slice(0, -2), VIBE_TAGS[tag].label, TAG_PHRASES[tag].join(' ')];
}
