//! TLS of the listeners: a certificate to show, and an authority whose clients are let in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What a listener's TLS is made from; PEM files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// Certificate chain, the listener's own first.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
    /// Authorities whose certificates clients must show; without it no client certificate is asked for.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
    /// Names (subjectAltName, DNS) of which a client's certificate must have one; empty: any of the authority's.
    #[serde(default)]
    pub client_names: Vec<String>,
}

/// Why TLS cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that is missing or holds no PEM of the kind.
    #[error("{path}: cannot be read as PEM: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        reason: String,
    },
    /// Certificate, key or authority do not work together.
    #[error("{path}: {source}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// The library's reason.
        source: rustls::Error,
    },
    /// The clients' authority cannot be used.
    #[error("{path}: no usable authority: {reason}")]
    Authority {
        /// The file.
        path: PathBuf,
        /// The library's reason.
        reason: String,
    },
    /// A name that no certificate can have.
    #[error("client_names: '{0}' is no DNS name")]
    Name(String),
    /// Names without an authority to vouch for them.
    #[error("client_names needs client_ca: without an authority nobody vouches for a name")]
    NamesAlone,
}

/// Makes TLS connections of TCP connections. Cheap to clone.
#[derive(Clone)]
pub struct TlsServer {
    acceptor: TlsAcceptor,
    names: Arc<[ServerName<'static>]>,
}

impl std::fmt::Debug for TlsServer {
    /// Never the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsServer")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl TlsServer {
    /// Reads the files.
    pub fn load(settings: &TlsSettings) -> Result<Self, TlsError> {
        if settings.client_ca.is_none() && !settings.client_names.is_empty() {
            return Err(TlsError::NamesAlone);
        }
        let name =
            |name: &String| ServerName::try_from(name.clone()).map_err(|_| TlsError::Name(name.clone()));
        let names = settings
            .client_names
            .iter()
            .map(name)
            .collect::<Result<Vec<_>, _>>()?;
        let chain = certificates(&settings.certificate)?;
        let key =
            PrivateKeyDer::from_pem_file(&settings.key).map_err(|error| unreadable(&settings.key, &error))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let refused = |path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::Refused { path, source }
        };
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(refused(&settings.certificate))?;
        let builder = match &settings.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let authority = |reason: String| TlsError::Authority {
                    path: path.clone(),
                    reason,
                };
                let mut roots = RootCertStore::empty();
                for certificate in certificates(path)? {
                    roots
                        .add(certificate)
                        .map_err(|error| authority(error.to_string()))?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                    .build()
                    .map_err(|error| authority(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let config = builder
            .with_single_cert(chain, key)
            .map_err(refused(&settings.key))?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            names: names.into(),
        })
    }

    /// Shakes hands; refuses a client whose certificate has none of the wanted names.
    pub async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = self.acceptor.accept(stream).await?;
        if self.names.is_empty() {
            return Ok(stream);
        }
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let parsed = shown.and_then(|shown| ParsedCertificate::try_from(shown).ok());
        let wanted = parsed.is_some_and(|certificate| {
            self.names
                .iter()
                .any(|name| rustls::client::verify_server_name(&certificate, name).is_ok())
        });
        wanted
            .then_some(stream)
            .ok_or_else(|| std::io::Error::other("the client's certificate has none of the wanted names"))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &rustls::pki_types::pem::Error) -> TlsError {
    TlsError::Read {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
