//! This service keeps no promise that a lab breaks; it has its crash points.

service_kit::cures! {}
