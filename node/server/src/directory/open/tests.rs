mod cleaning;
mod run;
mod schema;
