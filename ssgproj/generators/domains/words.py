"""Readable words for texts that have no generator of their own: ASCII, lower case, all different."""

from __future__ import annotations

WORDS: tuple[str, ...] = tuple(
    """
    acorn alder amber anchor apple apron arch arrow ash aspen atlas autumn badge bamboo banjo barley barn basil basket bay beach
    beacon bean bell berry birch bird bison blossom blue boat bonnet book bottle boulder bow branch brass bread breeze brick bridge
    brook broom brush bucket butter button cabin cable cactus camel canal candle canoe canvas cape carbon cargo carpet carrot castle
    cedar cello chair chalk chapel cherry chest chime cider cinder circle clay cliff clock cloud clover coal coast cobalt cocoa
    comet compass copper coral cork corn cotton cove crane creek crown crystal cup curtain cypress daisy dale dawn deck delta denim
    desert dew diamond dock dolphin door dove drum dune dust eagle east echo elder elm ember emerald estuary falcon farm feather
    fern ferry fiddle field fig finch fir fire flag flame flax flint flute foam fog forest fort fountain fox frost fruit galaxy
    garden garnet gate ginger glacier glade glass globe glove gold goose grain granite grape grass gravel green grove gull hammer
    harbor harp harvest haven hawk hazel heath hedge heron hill hive hollow honey horizon horn horse house ice inlet iris iron
    island ivory ivy jade jasmine jetty juniper kettle key kite lace ladder lagoon lake lamp lantern larch lark laurel lava lavender
    leaf ledge lemon lentil lichen lilac lily lime linen lion lodge loom lotus lynx mango maple marble marsh meadow melon mesa mill
    mint mirror mist moon moor morning moss mountain mulberry myrtle nectar nest nettle north nutmeg oak oasis oat ocean olive onyx
    opal orange orchard orchid osprey otter owl paddle palm panda paper parsley path pear pearl pebble pepper pewter piano pigeon
    pillar pine pitcher plain plank plaza plum pond poplar poppy porch prairie prism puffin pumpkin quail quarry quartz quill rain
    raven reed reef ribbon ridge river robin rock rocket rope rose ruby rye saddle saffron sage sail salmon salt sand sapphire
    scarlet sea seal seed shade shell shore silk silver sky slate snow solar south spark sparrow spice spring spruce squirrel stable
    star steam steel stone storm stream sugar summer sun swan tea teal temple thistle thunder thyme tide tiger timber topaz torch
    tower trail tree tulip tundra turtle twig umber valley vapor velvet vine violet walnut warbler water wave west whale wheat wheel
    willow wind window winter wolf wood wool wren yarrow yew zephyr zinc
    """.split()  # noqa: SIM905 - five hundred quotation marks would not help
)
"""About 390 words of three to eight letters; the order is part of what a seed means."""
