//! The HTML face: one file a page, whole without JavaScript. Each shows the answer that the API gives as JSON.

use std::path::Path;

use actix_files::Files;
use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::care::{Claim, ProgrammeFigure, Target};
use crate::http::resource::{form, read, wrong_method};
use crate::http::{Code, Problem, frame};

pub mod alike;
pub mod capacity;
pub mod capacity_conflict;
pub mod card;
pub mod catchment;
pub mod catchment_answer;
pub mod catchment_method;
pub mod chart;
pub mod choropleth;
pub mod compare;
pub mod correction;
pub mod data;
pub mod desk;
pub mod desk_regions;
pub mod districts;
pub mod dossier;
pub mod drawing;
pub mod edit;
pub mod edit_check;
pub mod expiring;
pub mod facility;
pub mod figures;
pub mod go;
pub mod history;
pub mod home;
mod hours;
pub mod inputs;
pub mod inspections;
pub mod interrupted;
pub mod keeping;
pub mod kept_form;
pub mod kept_remove;
pub mod licences;
pub mod lines;
pub mod map;
pub mod menu;
pub mod merge;
pub mod my;
pub mod nearby;
pub mod objections;
pub mod people;
pub mod pieces;
mod plan;
pub mod plan_answer;
pub mod plan_areas;
pub mod plan_figures;
pub mod plan_form;
pub mod plan_ledger;
pub mod plan_method;
pub mod plan_report;
pub mod plan_scenario;
pub mod plan_scenario_answer;
pub mod plan_scenario_map;
pub mod plan_scenarios;
pub mod plan_scorecard;
pub mod plan_tabs;
pub mod plan_targets;
pub mod plan_tiers;
pub mod plan_views;
pub mod reading;
pub mod register;
mod register_check;
pub mod request;
pub mod search;
pub mod settings;
pub mod sign_in;
pub mod siting;
pub mod siting_answer;
pub mod siting_files;
pub mod siting_map;
pub mod staff;
pub mod start;
pub mod statement;
pub mod sweep;
pub mod value;
pub mod waiting;
pub mod withdraw;
pub mod words;

/// The table of addresses. `built` is the folder of the built map assets; without it the pages show their lists.
pub fn routes(config: &mut web::ServiceConfig, built: &Path) {
    config
        .service(read("/", home::home))
        .service(read("/search", search::search))
        .service(read("/map", map::map))
        .service(read("/compare", compare::compare))
        .service(read("/f/{id}", facility::facility))
        .service(read("/f/{id}/go", go::go))
        .service(form("/f/{id}/capacity", capacity::form, capacity::save))
        .service(form("/f/{id}/edit", edit::form, edit::take))
        .service(form("/f/{id}/history", history::history, history::take_back))
        .service(form("/f/{id}/merge", merge::form, merge::take))
        .service(form("/f/{id}/withdraw", withdraw::form, withdraw::take))
        .service(form("/f/{id}/report", correction::form, correction::take))
        .service(form("/f/{id}/menu", menu::form, menu::save))
        .service(form("/f/{id}/staff", staff::form, staff::save))
        .service(form("/f/{id}/licences", licences::form, licences::save))
        .service(form("/f/{id}/inspections", inspections::list, inspections::take))
        .service(form("/sign-in", sign_in::form, sign_in::sign_in))
        .service(
            web::resource("/sign-out")
                .route(web::post().to(sign_in::sign_out))
                .default_service(web::to(|| async { wrong_method("POST") })),
        )
        .service(read("/my", my::my))
        .service(read("/desk", desk::desk))
        .service(form("/desk/requests/{id}", request::form, request::decide))
        .service(form("/desk/regions", desk_regions::form, desk_regions::save))
        .service(form("/desk/register", register::form, register::take))
        .service(
            web::resource("/desk/corrections/{id}")
                .route(web::post().to(correction::done))
                .default_service(web::to(|| async { wrong_method("POST") })),
        )
        .service(read("/desk/expiring", expiring::expiring))
        .service(read("/desk/sweep", sweep::sweep))
        .service(read("/plan", plan::plan))
        .service(read("/plan/catchment", catchment::catchment))
        .service(read("/plan/scorecard", plan_scorecard::scorecard))
        .service(form("/plan/scenario", plan_scenario::scenario, plan_scenario::save))
        .service(read("/plan/scenarios", plan_scenarios::list))
        .service(form("/plan/scenarios/{id}", plan_scenarios::one, plan_scenarios::amend))
        .service(read("/plan/tiers", plan_tiers::tiers))
        .service(form("/plan/targets", kept_form::shown::<Target>, kept_form::save::<Target>))
        .service(form("/plan/targets/{id}/remove", kept_remove::form::<Target>, kept_remove::take::<Target>))
        .service(form("/plan/programmes", kept_form::shown::<ProgrammeFigure>, kept_form::save::<ProgrammeFigure>))
        .service(form(
            "/plan/programmes/{id}/remove",
            kept_remove::form::<ProgrammeFigure>,
            kept_remove::take::<ProgrammeFigure>,
        ))
        .service(form("/plan/claims", kept_form::shown::<Claim>, kept_form::save::<Claim>))
        .service(form("/plan/claims/{id}/remove", kept_remove::form::<Claim>, kept_remove::take::<Claim>))
        .service(read("/plan/report", plan_report::report))
        .service(read("/plan/siting", siting::siting))
        .service(
            web::resource("/plan/stop")
                .route(web::post().to(waiting::stop))
                .default_service(web::to(|| async { wrong_method("POST") })),
        )
        .service(read("/data", data::data))
        .service(read("/accessibility", statement::statement))
        .service(read("/settings", settings::settings));
    if built.is_dir() {
        let kept = DefaultHeaders::new().add((header::CACHE_CONTROL, "public, max-age=86400"));
        config.service(web::scope("/assets/map").wrap(kept).service(Files::new("", built)));
    }
    config.service(read("/assets/{name}", asset));
}

/// A file of our own, kept by browsers for as long as its address, which holds its hash.
async fn asset(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let found = frame::ASSETS.iter().find(|(known, ..)| *known == name.as_str());
    let Some((_, content_type, content)) = found else {
        return Err(Problem::new(Code::NotFound, "There is no such file."));
    };
    let keep = if request.query_string().is_empty() { "no-cache" } else { "public, max-age=31536000, immutable" };
    Ok(HttpResponse::Ok().content_type(*content_type).insert_header((header::CACHE_CONTROL, keep)).body(*content))
}
