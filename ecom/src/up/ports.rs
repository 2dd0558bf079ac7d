//! The ports of the all-in-one, bound before anything else starts: a taken one is found at once.

use anyhow::{anyhow, bail};
use contracts::ServiceName;
use service_kit::{Env, Environment, http_server};
use std::{
    collections::BTreeMap,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener},
};

/// The front door's port unless `ECOM_PORT_BASE` moves it; services and provider follow at fixed distances.
pub(super) const PORT_BASE: u16 = 8080;

pub(super) struct Ports {
    pub(super) front_door: TcpListener,
    pub(super) services: BTreeMap<ServiceName, TcpListener>,
    /// The simulator's, where there is one.
    pub(super) provider: Option<TcpListener>,
}

impl Ports {
    pub(super) fn bind(env: &Env, environment: Environment, simulated: bool) -> anyhow::Result<Self> {
        let base = base(env)?;
        // Only production is for other machines' eyes; services and provider never are.
        let here = Ipv4Addr::LOCALHOST.into();
        let outside = if environment == Environment::Production { Ipv6Addr::UNSPECIFIED.into() } else { here };
        let mut services = BTreeMap::new();
        for (distance, service) in (1..).zip(ServiceName::ALL) {
            services.insert(service, bind(here, base + distance, service.as_str())?);
        }
        let provider = || bind(here, base + 10, "the payment provider's simulator");
        Ok(Self {
            front_door: bind(outside, base, "the front door")?,
            services,
            provider: simulated.then(provider).transpose()?,
        })
    }
}

/// The front door's port: `ECOM_PORT_BASE`.
pub(crate) fn base(env: &Env) -> anyhow::Result<u16> {
    let expected = "a port number from 1 to 65000: the front door's; the others follow it";
    let base = env.parsed::<u16>("ECOM_PORT_BASE", expected)?.unwrap_or(PORT_BASE);
    if !(1..=65_000).contains(&base) {
        bail!("ECOM_PORT_BASE={base} is not valid: expected {expected}");
    }
    Ok(base)
}

fn bind(address: IpAddr, port: u16, who: &str) -> anyhow::Result<TcpListener> {
    http_server::bind((address, port).into()).map_err(|cause| {
        let what_to_do = match cause.kind() {
            ErrorKind::AddrInUse => "end the program that has it, or move all ports with ECOM_PORT_BASE=9080",
            ErrorKind::PermissionDenied => {
                "this user may not have it. Move all ports above 1023, for example with ECOM_PORT_BASE=9080"
            }
            _ => "move all ports with ECOM_PORT_BASE=9080",
        };
        anyhow!("port {port}, wanted by {who}, cannot be used ({cause}): {what_to_do}")
    })
}

#[cfg(test)]
mod tests {
    use super::bind;
    use std::net::Ipv4Addr;

    #[test]
    fn a_port_that_cannot_be_had_is_no_fault_of_another_program() {
        // An address that is not this machine's (RFC 5737): nobody has taken its port.
        let refused = bind(Ipv4Addr::new(192, 0, 2, 1).into(), 9080, "the front door").err().map(|e| e.to_string());
        let said = refused.unwrap_or_default();
        assert!(said.starts_with("port 9080, wanted by the front door, cannot be used ("), "{said}");
        assert!(!said.contains("end the program"), "{said}");
    }
}
