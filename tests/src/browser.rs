//! A browser as far as tests need one: it asks, posts forms, follows where it is led, and keeps one cookie.

use anyhow::{Context as _, Result, bail, ensure};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Most pages followed one after the other.
const LED_MAX: usize = 5;

/// What [`Browser::sign_in`] sets as password.
pub const PASSWORD: &str = "quatre mots sans rapport 8";

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// Its headers as sent.
    pub head: String,
    /// Its text.
    pub text: String,
}

impl Page {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// What stands after `before`, up to the next quotation mark.
    ///
    /// # Errors
    /// It is not there.
    pub fn quoted_after(&self, before: &str) -> Result<&str> {
        let (_, rest) = self.text.split_once(before).with_context(|| format!("no {before} on the page"))?;
        rest.split('"').next().context("no end")
    }

    /// The hidden fields that the form at `action` must send back.
    ///
    /// # Errors
    /// There is no such form.
    pub fn hidden(&self, action: &str) -> Result<Vec<(String, String)>> {
        let (_, rest) = self
            .text
            .split_once(&format!("action=\"{action}\""))
            .with_context(|| format!("no form for {action}: {}", self.text))?;
        let form = rest.split("</form>").next().unwrap_or_default();
        let parts = form.split("type=\"hidden\" name=\"").skip(1);
        let field = |part: &str| {
            let (name, rest) = part.split_once("\" value=\"")?;
            Some((read(name), read(rest.split('"').next()?)))
        };
        Ok(parts.filter_map(field).collect())
    }
}

/// A text of a page as its reader sees it.
fn read(text: &str) -> String {
    let escaped = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    escaped.iter().fold(text.to_owned(), |text, (written, meant)| text.replace(written, meant))
}

/// Checks that a page shows all of this, and that none of its words is missing.
///
/// # Errors
/// Something is not there.
pub fn shows(page: &Page, parts: &[&str]) -> Result<()> {
    for part in parts {
        ensure!(page.text.contains(part), "«{part}» is not on the page ({}): {}", page.status, page.text);
    }
    ensure!(!page.text.contains("Unknown localization"), "words are missing: {}", page.text);
    Ok(())
}

/// Checks that a page shows none of this.
///
/// # Errors
/// Something is there.
pub fn hides(page: &Page, parts: &[&str]) -> Result<()> {
    for part in parts {
        ensure!(!page.text.contains(part), "«{part}» is on the page: {}", page.text);
    }
    Ok(())
}

/// A browser with one cookie.
#[derive(Clone, Debug)]
pub struct Browser {
    address: SocketAddr,
    /// Whom it believes when it speaks HTTPS, to `localhost`.
    https: Option<Arc<ClientConfig>>,
    cookie: String,
}

/// Says something and reads the answer to its end.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, said: &str) -> Result<String> {
    stream.write_all(said.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8(answer)?)
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

impl Browser {
    /// One that nobody is signed in from.
    pub fn at(address: SocketAddr) -> Self {
        Self { address, https: None, cookie: String::new() }
    }

    /// The same, speaking HTTPS.
    pub fn over_https(self, config: Arc<ClientConfig>) -> Self {
        Self { https: Some(config), ..self }
    }

    /// Forgets who is signed in.
    pub fn forget(&mut self) {
        self.cookie.clear();
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<Page> {
        let stream = TcpStream::connect(self.address).await?;
        let cookie =
            if self.cookie.is_empty() { String::new() } else { format!("Cookie: {}\r\n", self.cookie) };
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nAccept-Language: fr\r\n{cookie}Content-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let answer = match &self.https {
            None => exchange(stream, &request).await?,
            Some(config) => {
                let name = ServerName::try_from("localhost")?;
                let stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await?;
                exchange(stream, &request).await?
            }
        };
        let (head, text) = answer.split_once("\r\n\r\n").context("no end of the head")?;
        let status = head.split_whitespace().nth(1).context("no status")?.parse()?;
        let page = Page { status, head: head.to_owned(), text: text.to_owned() };
        if let Some(cookie) = page.header("set-cookie").split(';').next().filter(|cookie| !cookie.is_empty())
        {
            cookie.clone_into(&mut self.cookie);
        }
        Ok(page)
    }

    /// Asks for a page, wherever it leads.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn get(&mut self, path: &str) -> Result<Page> {
        let mut page = self.ask("GET", path, "").await?;
        for _ in 0..LED_MAX {
            if page.status != 303 {
                return Ok(page);
            }
            let onward = page.header("location").to_owned();
            page = self.ask("GET", &onward, "").await?;
        }
        bail!("{path} leads on and on")
    }

    /// Posts fields without following.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn post(&mut self, path: &str, fields: &[(String, String)]) -> Result<Page> {
        let pairs = fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        self.ask("POST", path, &body).await
    }

    /// Fills in the form of a page and follows where it leads.
    ///
    /// # Errors
    /// There is no such form, or it leads nowhere.
    pub async fn send(&mut self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Result<Page> {
        let mut fields = page.hidden(action)?;
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let answer = self.post(action, &fields).await?;
        if answer.status != 303 {
            return Ok(answer);
        }
        let onward = answer.header("location").to_owned();
        self.get(&onward).await
    }

    /// Signs in with a single-use link's token, and sets a password.
    ///
    /// # Errors
    /// The link opens nothing.
    pub async fn sign_in(&mut self, token: &str) -> Result<()> {
        let opened = self.post(&format!("/lien/{token}"), &[]).await?;
        ensure!(opened.status == 303, "the link opens nothing: {}", opened.status);
        let onward = opened.header("location").to_owned();
        let page = self.get(&onward).await?;
        if onward == "/mot-de-passe" {
            let typed = [("nouveau", PASSWORD), ("actuel", "")];
            let set = self.send(&page, "/mot-de-passe", &typed).await?;
            ensure!(set.status == 200, "no password was set: {} {}", set.status, set.text);
        }
        Ok(())
    }
}
