/// The constants of the object tracker. Lengths are in grid cells, times in frames.
public struct TrackerConfiguration: Sendable, Codable, Equatable {
  /// Most objects at the same time.
  public var slots = 32
  /// Share of foreground from which a cell belongs to a component.
  public var foregroundThreshold: Float = 0.5
  /// Share of foreground from which a cell beside a labelled one is labelled.
  public var labelThreshold: Float = 0.2
  /// Cells that a component needs to become an object at first sight.
  public var minimumArea = 40
  /// Cells that suffice once it has gone its way steadily, see `SmallMovers`; with `minimumArea` or more there are none.
  public var smallestMover = 8
  /// Frames in which a new object must be seen before it gets its id.
  public var confirmationFrames = 3
  /// Frames for which a place is remembered where something vanished that had gone nowhere, see `VainPlaces`.
  public var vainFrames = 1000
  /// Share of its size by which something has to move to be an object there.
  public var vainShare: Float = 0.25
  /// Frames in sight after which something is an object there, though it has gone nowhere either.
  public var vainPatience = 100

  /// Least prediction ψ of a slot inside its window; far below `backgroundConstant`, or slots absorb distant cells.
  public var predictionFloor: Float = 0.001
  /// Bound on the network's change of a logit of ψ.
  public var residualLimit: Float = 4
  /// Likelihood of a foreground cell that no slot explains, beside the slots' ψ.
  public var backgroundConstant: Float = 0.05
  /// Weight of the colour evidence, a log-ratio, beside log ψ.
  public var colourWeight: Float = 0.5
  /// Bound on that log-ratio.
  public var colourClip: Float = 2
  /// Share of its 3×3 mean in each log posterior.
  public var smoothing: Float = 0.5

  /// Largest shift from the predicted place that is searched.
  public var searchRadius = 4
  /// The same for a slot too young to know its velocity.
  public var youngSearchRadius = 8
  /// Share of the prediction that is covered below which it is searched further than that.
  public var poorOverlap: Float = 0.6
  /// How much further, as a share of the size of an object too young to know its velocity.
  public var youngLeap: Float = 2
  /// The same as a share of the distance that any other object goes in a frame.
  public var leap: Float = 1.5
  /// Bound on both.
  public var furthestLeap = 64
  /// Loss per squared cell of shift, as a share of the slot's mass, in the first search.
  public var shiftPenalty: Float = 0.004
  /// Visible share of the prediction below which a slot counts as hidden.
  public var hiddenShare: Float = 0.25

  /// Least rate of the template's running mean; a young slot learns at 1 / (age + 2).
  public var templateRate: Float = 0.2
  /// Least rate of the colour histogram's running mean.
  public var histogramRate: Float = 0.05
  /// Share of that rate, and of a young slot's higher one, while the object touches another.
  public var touchingTrust: Float = 0.5
  /// Share of the shift found that is added to the velocity.
  public var velocityRate: Float = 0.4
  /// Loss of that share per share of the object that others hide.
  public var coverDistrust: Float = 5
  /// Factor on the velocity in each frame without sight of the object.
  public var velocityDamping: Float = 0.98
  /// Cells kept around the support of a template.
  public var windowMargin = 3

  /// Whether a component that contains exactly one slot goes to it whole.
  public var fastPath = true
  /// Share of a component that its only slot must explain to get the rest.
  public var fastPathShare: Float = 0.3
  /// The same in its first two frames: what comes in fast has grown by as much each time.
  public var newbornShare: Float = 0.1
  /// Share of a component that slots may explain at most for a birth from all of it.
  public var explainedShare: Float = 0.4
  /// Distance up to which a small unexplained part belongs to a slot.
  public var growthGap = 1
  /// Distance from an object, as a share of its size, within which a part of less than a third of its area needs twice
  /// `minimumArea` to be born: loose feet and shadows.
  public var fragmentDistance: Float = 0.5
  /// Area of a part, as a share of the slot beside it, from which it is an object instead of growth.
  public var growthShare: Float = 0.8

  /// Frames that a slot must consist of two parts before it is split.
  public var splitFrames = 5
  /// Area of the second part as a share of the first that makes two objects of them.
  public var splitShare: Float = 0.5
  /// Distance from the main part, as a share of its size, from which a slot's other parts are taken from it.
  public var releaseDistance: Float = 0.25
  /// Distance, as a share of the object's size, from which a smaller part is an object too.
  public var splitDistance: Float = 1

  /// Frames for which two slots must be mixed in two components before each gets one of them.
  public var mixtureFrames = 3
  /// Share of a component that a slot must hold to be in it.
  public var mixtureShare: Float = 0.2
  /// How much better, as a mean log-likelihood, colours must fit to tell which of them gets which.
  public var mixtureMargin: Float = 0.2

  /// Frames alone in a component that make a slot an object of its own.
  public var aloneFrames = 8
  /// Distance from its birthplace before such frames count: flicker stays where it is.
  public var travelDistance: Float = 3
  /// Frames locked to a larger, older slot after which a fragment is given back.
  public var mergeFrames = 10
  /// Such frames that each frame alone adds to `mergeFrames`.
  public var mergePatience: Float = 2
  /// Change of distance, as a share of the larger slot's size, up to which two slots are locked.
  public var lockDistance: Float = 0.15

  /// Frames without sight that end an object that another one may hide.
  public var hiddenLimit = 25
  /// Frames without sight that end any other object.
  public var unseenLimit = 8
  /// Frames without sight that end an unconfirmed slot.
  public var youngLimit = 3
  /// Distance per frame unseen at which a component is taken for the lost object instead of a new one.
  public var reunionSpeed: Float = 1
  /// How much better, as a mean log-ratio, the colour of a part must fit a hidden object than the one in front of it.
  public var emergenceMargin: Float = 0.5
  /// Bound on that distance.
  public var reunionReach: Float = 12

  /// Frames alone and whole after which an object that met others counts as the one it was taken for.
  public var settlingFrames = 20
  /// How much better, as a mean log-ratio, the colours of two slots must fit each other's objects to exchange them.
  public var likenessMargin: Float = 1
  /// Frames in a row for which they must.
  public var doubtFrames = 3
  /// Distance between two slots, beyond their sizes, up to which they may be exchanged.
  public var exchangeReach: Float = 20

  /// Share of its largest area up to which an object counts as hidden in part.
  public var wholeShare: Float = 0.8
  /// Cells that a part needs to be taken for a hidden object that comes out.
  public var reappearingArea = 10

  /// The defaults.
  public init() {}
}
