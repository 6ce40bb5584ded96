"""The dossier as a paper."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.rights import Right, right_required
from common.pdf import pdf_response
from common.rules import RuleBroken
from volunteers.domain.dossier import print_dossier
from volunteers.dossier_paper import dossier_pdf
from volunteers.views.volunteer import volunteer_of


@require_POST
@right_required(Right.PRINT_DOSSIERS)
def dossier_print(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the personnel form as a PDF, with phone and ID number where they are asked for and may be seen."""
    volunteer = volunteer_of(request, pk)
    try:
        # What cannot be printed was not printed: its record goes with it.
        with transaction.atomic():
            phone, id_number = print_dossier(volunteer, full=bool(request.POST.get("full")), by=request.user)
            pdf = dossier_pdf(volunteer, phone=phone, id_number=id_number, reader=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(volunteer)
    return pdf_response(pdf, f"义工档案表{volunteer.number}.pdf")
