"""The tables, one class for each word of the product (Product, Brief, Asset, Decision, Score, ModelVersion, Job …).

Times are UTC. Enumerations are stored as their text. An index stands for every filter that a page offers.
"""

from db.tables.activity import Activity
from db.tables.alerts import Alert, AlertDelivery, AlertRule, AlertTarget, Round
from db.tables.base import Base, UtcDateTime, utc_now
from db.tables.catalogue import Photo, Product, ValueMapping
from db.tables.channels_and_scores import AssetScoring, ChannelPack, ChannelVerdict
from db.tables.comparisons import Comparison, ComparisonPair, Vote
from db.tables.exports import Channel, Export, ExportItem
from db.tables.house_styles import HouseStyle, Placement, Shot
from db.tables.images import Asset, AssetLook, Brief, PhotoLook, Reproduction, Score
from db.tables.imports import CatalogueImport, ImportRow
from db.tables.jobs import Job, JobEvent, WorkerHeartbeat
from db.tables.judgings import Judging
from db.tables.models import EngineAddition, Evaluation, ModelAlias, ModelVersion
from db.tables.people import ApiKey, SignInLink, TeamSetting, User, UserSession
from db.tables.photo_uploads import PhotoFile, PhotoReference, PhotoUpload
from db.tables.product_edits import ProductEdit, ProductEditRow
from db.tables.recalls import Recall, RecallImage
from db.tables.review import Decision, DecisionSeal, ReviewRule, SealHead
from db.tables.review_queue import Comment, InboxItem, ReviewClaim, SavedView
from db.tables.rollups import QualityDay, QualityReviewer, QualityScore, QualityVerdict, RollupMark
from db.tables.search_vectors import AssetVector, PhotoVector
from db.tables.second_opinions import GoldImage, SecondOpinion
from db.tables.trainings import Training, TrainingImage, TrainingPhoto, TrainingPicture, TrainingPoint
from db.tables.trust import AutomaticApproval, AutomaticRule, Calibration, CalibrationCase, Chance
from db.tables.words import (
    AlertEvent,
    AlertKind,
    AssetState,
    ImportOutcome,
    JobState,
    LicenceState,
    LinkKind,
    OpinionKind,
    PhotoOutcome,
    Purpose,
    RecallOutcome,
    ReproductionOutcome,
    Role,
    RuleCause,
    TargetKind,
    TrainingWish,
    VerdictOutcome,
    VoteChoice,
)

__all__ = [
    "Activity",
    "Alert",
    "AlertDelivery",
    "AlertEvent",
    "AlertKind",
    "AlertRule",
    "AlertTarget",
    "ApiKey",
    "Asset",
    "AssetLook",
    "AssetScoring",
    "AssetState",
    "AssetVector",
    "AutomaticApproval",
    "AutomaticRule",
    "Base",
    "Brief",
    "Calibration",
    "CalibrationCase",
    "CatalogueImport",
    "Chance",
    "Channel",
    "ChannelPack",
    "ChannelVerdict",
    "Comment",
    "Comparison",
    "ComparisonPair",
    "Decision",
    "DecisionSeal",
    "EngineAddition",
    "Evaluation",
    "Export",
    "ExportItem",
    "GoldImage",
    "HouseStyle",
    "ImportOutcome",
    "ImportRow",
    "InboxItem",
    "Job",
    "JobEvent",
    "JobState",
    "Judging",
    "LicenceState",
    "LinkKind",
    "ModelAlias",
    "ModelVersion",
    "OpinionKind",
    "Photo",
    "PhotoFile",
    "PhotoLook",
    "PhotoOutcome",
    "PhotoReference",
    "PhotoUpload",
    "PhotoVector",
    "Placement",
    "Product",
    "ProductEdit",
    "ProductEditRow",
    "Purpose",
    "QualityDay",
    "QualityReviewer",
    "QualityScore",
    "QualityVerdict",
    "Recall",
    "RecallImage",
    "RecallOutcome",
    "Reproduction",
    "ReproductionOutcome",
    "ReviewClaim",
    "ReviewRule",
    "Role",
    "RollupMark",
    "Round",
    "RuleCause",
    "SavedView",
    "Score",
    "SealHead",
    "SecondOpinion",
    "Shot",
    "SignInLink",
    "TargetKind",
    "TeamSetting",
    "Training",
    "TrainingImage",
    "TrainingPhoto",
    "TrainingPicture",
    "TrainingPoint",
    "TrainingWish",
    "User",
    "UserSession",
    "UtcDateTime",
    "ValueMapping",
    "VerdictOutcome",
    "Vote",
    "VoteChoice",
    "WorkerHeartbeat",
    "utc_now",
]
