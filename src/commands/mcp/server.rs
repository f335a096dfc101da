//! The server: which tools and resources a client sees, and what it gets.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CustomRequest,
    CustomResult, ErrorCode, ErrorData, Implementation, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, Resource, ResourceContents, ResourceTemplate,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer, ServerInitializeError, serve_server};

use super::Context;
use super::lines::Lines;
use super::read;
use super::tools::{self, Entry, Failure};
use crate::app::signals::{Command, Signals};
use crate::exit::Signal;

/// What an assistant should know before it calls anything.
const INSTRUCTIONS: &str = "\
keygen searches for MeshCore (Ed25519) keys whose public key begins or ends as wished. A search is a session, which has a \
name, runs in a process of its own and survives it. If a search is in trouble, try in this order, and verify with \
check_responsiveness and search_status after each: reclaim, restart_workers, restart_process. Private keys are only in \
files; no tool takes or returns one.";

/// Where the status of a session is as a resource; its name follows.
const SESSIONS: &str = "keygen://sessions/";

/// Calls at the same time; further ones wait.
const CALLS: usize = 8;

/// Between two looks at signals.
const POLL: Duration = Duration::from_millis(100);

/// The server of one client.
#[derive(Clone)]
pub(super) struct Server {
    context: Arc<Context>,
    tools: Arc<Vec<Entry>>,
}

/// Serves the client on standard input and output until it closes them, however often it begins anew, or until a signal,
/// which is returned. Calls that have begun are carried through: none is left half done.
///
/// # Errors
/// The system refuses a thread or a handler.
pub(super) fn serve(server: &Server) -> io::Result<Option<Signal>> {
    let signals = Signals::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .max_blocking_threads(CALLS)
        .build()?;
    let lines = Lines::of_standard_input()?;
    // Dropping the runtime waits for the threads of calls.
    Ok(runtime.block_on(async {
        tokio::select! {
            () = serve_all(server, lines) => None,
            signal = ended_by(signals) => Some(signal),
        }
    }))
}

async fn serve_all(server: &Server, lines: Lines) {
    while !lines.is_over().await {
        match serve_server(server.clone(), lines.clone()).await {
            Ok(running) => drop(running.waiting().await),
            Err(ServerInitializeError::ConnectionClosed(_)) => break,
            // Something that can't be the first message: the client may still begin.
            Err(_) => {}
        }
    }
}

/// Waits for a signal that ends the program.
async fn ended_by(mut signals: Signals) -> Signal {
    let begin = Instant::now();
    loop {
        if let Some(Command::Stop(signal) | Command::Quit(signal)) = signals.poll(begin.elapsed()) {
            return signal;
        }
        tokio::time::sleep(POLL).await;
    }
}

impl Server {
    pub(super) fn new(context: Context) -> Self {
        Self {
            context: Arc::new(context),
            tools: Arc::new(tools::all()),
        }
    }

    /// The place of a tool that is offered.
    ///
    /// # Errors
    /// There is none, or it is off.
    fn find(&self, name: &str) -> Result<usize, ErrorData> {
        let is_meant = |entry: &Entry| entry.tool.name == name;
        let place = self.tools.iter().position(is_meant);
        let place = place.ok_or_else(|| {
            ErrorData::invalid_params(
                format!("there is no tool {name:?}; tools/list names all"),
                None,
            )
        })?;
        if self.tools[place].is_control() && !self.context.0.allow_control {
            let why =
                format!("the tool {name} is off: keygen mcp was started without --allow-control");
            return Err(ErrorData::invalid_params(why, None));
        }
        Ok(place)
    }

    /// Does something that may take a while on a thread of its own.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Context, &[Entry]) -> T + Send + 'static,
    ) -> Result<T, ErrorData> {
        let Self { context, tools } = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&context, &tools)).await;
        done.map_err(|error| ErrorData::internal_error(error.to_string(), None))
    }
}

fn address(session: &str) -> String {
    format!(
        "{SESSIONS}{}",
        utf8_percent_encode(session, NON_ALPHANUMERIC)
    )
}

/// The session that an address names.
fn addressed(uri: &str) -> Option<String> {
    let name = percent_decode_str(uri.strip_prefix(SESSIONS)?);
    name.decode_utf8().ok().map(String::from)
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("keygen", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let offered = self.tools.iter();
        let offered = offered.filter(|entry| self.context.0.allow_control || !entry.is_control());
        let tools = offered.map(|entry| entry.tool.clone()).collect();
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let place = self.find(&request.name)?;
        let arguments = request.arguments.unwrap_or_default();
        let called = self.apart(move |context, tools| tools[place].call(context, arguments));
        match called.await? {
            Ok(answer) => Ok(CallToolResult::structured(answer).into()),
            Err(Failure::Tool(why)) => {
                Ok(CallToolResult::error(vec![ContentBlock::text(why)]).into())
            }
            Err(Failure::Arguments(why)) => {
                let why = format!("{}: {why}", request.name);
                Err(ErrorData::invalid_params(why, None))
            }
        }
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let listed = self
            .apart(|context, _| read::sessions(context, None))
            .await?;
        let (sessions, _) = listed.map_err(|why| ErrorData::internal_error(why, None))?;
        let resource = |status: &crate::session::status::Status| {
            Resource::new(address(&status.session), &status.session)
                .with_description(format!("{}: {}", status.state, status.pattern))
                .with_mime_type("application/json")
        };
        let resources = sessions.iter().map(|session| resource(&session.status));
        Ok(ListResourcesResult::with_all_items(resources.collect()))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let template = ResourceTemplate::new(format!("{SESSIONS}{{session}}"), "session")
            .with_description("The status of a session, as search_status returns it")
            .with_mime_type("application/json");
        Ok(ListResourceTemplatesResult::with_all_items(vec![template]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        let unknown = |why: String| ErrorData::resource_not_found(why, None);
        let allowed = || {
            unknown(format!(
                "there is no resource {uri}; allowed is {SESSIONS}NAME"
            ))
        };
        let name = addressed(&uri).ok_or_else(allowed)?;
        let seen = self
            .apart(move |context, _| read::session(context, &name))
            .await?;
        let text = serde_json::to_string(&seen.map_err(unknown)?)
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        let contents = ResourceContents::text(text, uri).with_mime_type("application/json");
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    /// A request that has no known form: with a known name its parameters are wrong.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        const KNOWN: [&str; 3] = ["tools/call", "resources/read", "initialize"];
        let method = request.method;
        match KNOWN.contains(&method.as_str()) {
            true => {
                let why = format!("{method}: a parameter is missing or of the wrong type");
                Err(ErrorData::invalid_params(why, request.params))
            }
            false => Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, method, None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_an_address_whatever_its_name() {
        for name in ["night", "my night", "ä/../%41"] {
            assert_eq!(addressed(&address(name)).as_deref(), Some(name));
        }
        assert_eq!(address("my night"), "keygen://sessions/my%20night");
        assert_eq!(addressed("file:///etc/passwd"), None);
    }

    #[test]
    fn tools_that_change_something_say_so_and_are_off_unless_allowed() {
        let server = |control| {
            Server::new(Context(crate::config::args::McpArgs {
                allow_control: control,
                ..Default::default()
            }))
        };
        let (closed, open) = (server(false), server(true));
        let control: Vec<_> = open.tools.iter().filter(|tool| tool.is_control()).collect();
        assert_eq!(control.len(), 7);
        for entry in open.tools.iter() {
            let name = &*entry.tool.name;
            assert!(open.find(name).is_ok());
            assert_eq!(closed.find(name).is_err(), entry.is_control(), "{name}");
            assert!(entry.tool.output_schema.is_some(), "{name}");
            assert_eq!(entry.tool.input_schema["type"], "object", "{name}");
            let hints = entry.tool.annotations.as_ref().unwrap();
            assert!(hints.destructive_hint.is_some(), "{name}");
        }
        let off = closed.find("stop").unwrap_err();
        assert!(off.message.contains("--allow-control"), "{off:?}");
        assert!(open.find("explode").is_err());
    }
}
