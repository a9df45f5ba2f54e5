"""Which `Service` a website gets: the readings for all, or its own."""

from __future__ import annotations

from collections.abc import Mapping

from trackfox_mock.document.readings import Readings
from trackfox_mock.document.service import Service
from trackfox_mock.document.spec import Api
from trackfox_mock.model import Request

Values = Mapping[str, object]


class ServiceRegistry:
    """How the document is read, for every website.

    Args:
        api: the compiled document.
        readings: how its silences are read.
        of_websites: by `website_id`, the silences that are read otherwise for that website.

    `general` is what a website without readings of its own gets; `body_limit` the largest body in bytes that any reads.
    """

    def __init__(self, api: Api, readings: Readings, of_websites: Mapping[str, Values]) -> None:
        self.body_limit = 0
        self.read(api, readings, of_websites)

    def read(self, api: Api, readings: Readings, of_websites: Mapping[str, Values]) -> None:
        """Take another document or other readings; they are what `reset` goes back to."""
        self._first: tuple[Readings, Mapping[str, Values]] = (readings, of_websites)
        self._take(api, readings, of_websites)

    def of(self, website_id: str | None) -> Service:
        """The service as it is read for one website."""
        return self._services.get(website_id, self.general)

    def serving(self, website_id: str | None, request: Request) -> Service:
        """The same, of the operation that a request is for."""
        service = self._services.get(website_id, self.general)
        return service.serving(request) if service.others else service

    def change(self, website_id: str | None, values: Values) -> None:
        """Read some silences otherwise, for one website or for all (None), until `reset`.

        Raises:
            ReadingValueError: a silence or a value does not exist; then nothing is changed.
        """
        if website_id is None:
            self._take(self.api, self.general.readings.with_values(values), self.of_websites)
        else:
            self.read_website(website_id, {**self.of_websites.get(website_id, {}), **values})

    def read_website(self, website_id: str, values: Values) -> None:
        """Read these silences otherwise for one website; without any, it is read like all others.

        Raises:
            ReadingValueError: a silence or a value does not exist; then nothing is changed.
        """
        if not values:
            self.of_websites.pop(website_id, None)
            self._services.pop(website_id, None)
            return
        service = Service(self.api, self.general.readings.with_values(values))
        self.of_websites[website_id] = dict(values)
        self._services[website_id] = service
        self.body_limit = max(self.body_limit, service.body_limit)

    def reset(self, website_id: str | None) -> None:
        """Back to how it was read at first, for one website or for all (None)."""
        readings, of_websites = self._first
        if website_id is None:
            self._take(self.api, readings, of_websites)
        else:
            self.read_website(website_id, of_websites.get(website_id, {}))

    def _take(self, api: Api, readings: Readings, of_websites: Mapping[str, Values]) -> None:
        services: dict[str | None, Service] = {
            website_id: Service(api, readings.with_values(values)) for website_id, values in of_websites.items()
        }
        self.api = api
        self.general = Service(api, readings)
        self.of_websites = {website_id: dict(values) for website_id, values in of_websites.items()}
        self._services = services
        self.body_limit = max(service.body_limit for service in (self.general, *services.values()))
