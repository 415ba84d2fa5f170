"""All reading for pages, API and command line, by subject. Nothing here changes anything."""

from engine.store.base.database import Database
from engine.store.queries.admin import AdminQueries
from engine.store.queries.asking import AskingQueries
from engine.store.queries.ballots import BallotQueries
from engine.store.queries.board import BoardQueries
from engine.store.queries.cases import CaseQueries
from engine.store.queries.clocks import ClockQueries
from engine.store.queries.definitions import DefinitionQueries
from engine.store.queries.drafts import DraftQueries
from engine.store.queries.inbox import InboxQueries
from engine.store.queries.instances import InstanceQueries
from engine.store.queries.moves import MoveQueries
from engine.store.queries.people import PeopleQueries
from engine.store.queries.proxy_offers import ProxyOfferQueries
from engine.store.queries.returns import ReturnQueries
from engine.store.queries.supervision import SupervisionQueries
from engine.store.queries.tasks import TaskQueries
from engine.store.queries.units import UnitQueries


class Queries:
    """``tasks``, ``inbox``, ``instances``, ``definitions``, ``cases``, ``people``, ``drafts``, ``admin``: one object for each subject."""

    def __init__(self, database: Database, *, region: str = "510100") -> None:
        self.database = database
        self.tasks = TaskQueries(database)
        self.inbox = InboxQueries(database)
        self.instances = InstanceQueries(database)
        self.definitions = DefinitionQueries(database)
        self.ballots = BallotQueries(database)
        self.asking = AskingQueries(database)
        self.proxy_offers = ProxyOfferQueries(database, self.tasks)
        self.returns = ReturnQueries(database)
        self.cases = CaseQueries(database)
        self.clocks = ClockQueries(database, region)
        self.moves = MoveQueries(database, region)
        self.units = UnitQueries(database)
        self.people = PeopleQueries(database)
        self.drafts = DraftQueries(database)
        self.admin = AdminQueries(database, region)
        self.supervision = SupervisionQueries(database)
        self.board = BoardQueries(database)
