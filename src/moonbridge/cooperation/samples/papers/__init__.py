"""The papers of lending: agreement, certificate, return form, inventory list, and labels, in English and Chinese."""

from moonbridge.cooperation.samples.papers.agreement import agreement
from moonbridge.cooperation.samples.papers.certificate import certificate
from moonbridge.cooperation.samples.papers.counting import inventory_list
from moonbridge.cooperation.samples.papers.labels import Sheet, labels
from moonbridge.cooperation.samples.papers.offered import offered
from moonbridge.cooperation.samples.papers.returning import return_form

__all__ = ["Sheet", "agreement", "certificate", "inventory_list", "labels", "offered", "return_form"]
