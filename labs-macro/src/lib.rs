//! `#[cure(…)]`: says of a function that it keeps a promise, and what happens where the promise is not kept. The mistake
//! itself stands in the crate's `labs.rs`. Without the crate's feature `labs` the function is what is written, to the
//! letter, and no word of the mistake is compiled.
//!
//! ```text
//! #[cure(capture_booked, skip)]                                  nothing happens: `Ok(Default::default())`, or just `return`
//! #[cure(total_of_lines, spoil = crate::labs::first_line)]       the arguments go through `first_line` first
//! #[cure(stock_locked, instead = crate::labs::look_first)]       `look_first` is called in its place, with its arguments
//! ```
//!
//! The name is a variant of the crate's own `labs::Cure` in `snake_case`: what is not listed there does not compile.
//! `instead` hands `self` on as the first argument; `spoil` shows `&self` first, and gets the other arguments back as a
//! tuple.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Error, FnArg, ImplItemFn, Pat, PatIdent, Path, ReturnType, Signature, Token, Type,
    parse::{Parse, ParseStream},
    parse_quote,
};

/// See the crate's head.
#[proc_macro_attribute]
pub fn cure(attribute: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let written = TokenStream::from(item.clone());
    let both = syn::parse(attribute).and_then(|cure: Cure| Ok((cure, syn::parse::<ImplItemFn>(item)?)));
    match both.and_then(|(cure, function)| armed(&cure, function)) {
        Ok(armed) => quote!(#[cfg(not(feature = "labs"))] #written #[cfg(feature = "labs")] #armed).into(),
        // With the function as it is, so that this is the only error.
        Err(cause) => {
            let cause = cause.into_compile_error();
            quote!(#written #cause).into()
        }
    }
}

struct Cure {
    name: Ident,
    verb: Verb,
}

enum Verb {
    Skip,
    Spoil(Path),
    Instead(Path),
}

impl Parse for Cure {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        input.parse::<Token![,]>()?;
        let verb: Ident = input.parse()?;
        let path = |input: ParseStream| {
            input.parse::<Token![=]>()?;
            input.parse()
        };
        let verb = match verb.to_string().as_str() {
            "skip" => Verb::Skip,
            "spoil" => Verb::Spoil(path(input)?),
            "instead" => Verb::Instead(path(input)?),
            _ => return Err(Error::new(verb.span(), "expected skip, spoil = path or instead = path")),
        };
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { name, verb })
    }
}

/// The function with a way around it.
fn armed(cure: &Cure, mut function: ImplItemFn) -> syn::Result<TokenStream> {
    let (own, mut arguments, mut patterns) = (function.sig.receiver().cloned(), Vec::new(), Vec::new());
    for (number, parameter) in function.sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(parameter) = parameter else { continue };
        if let Pat::Ident(PatIdent { ident, mutability: None, by_ref: None, subpat: None, .. }) = &*parameter.pat {
            arguments.push(ident.clone());
            continue;
        }
        // A pattern cannot be handed on: it is taken apart after the fork.
        let name = format_ident!("argument_{number}");
        let pattern = std::mem::replace(&mut *parameter.pat, parse_quote!(#name));
        patterns.push(quote!(let #pattern = #name;));
        arguments.push(name);
    }
    let wait = function.sig.asyncness.map(|_| quote!(.await));
    let variant = Ident::new(&pascal(&cure.name.to_string()), cure.name.span());
    let off = quote!(crate::labs::is_off(crate::labs::Cure::#variant));
    let fork = match &cure.verb {
        Verb::Skip => {
            let nothing = nothing(&function.sig)?;
            quote!(if #off { return #nothing; })
        }
        Verb::Instead(path) => {
            let own = own.map(|own| own.self_token.into_token_stream());
            let arguments = own.into_iter().chain(arguments.iter().map(ToTokens::to_token_stream));
            quote!(if #off { return #path(#(#arguments),*)#wait; })
        }
        Verb::Spoil(_) if arguments.is_empty() => {
            return Err(Error::new(cure.name.span(), "there is no argument to spoil"));
        }
        Verb::Spoil(path) => {
            let own = own.map(|own| if own.reference.is_some() { quote!(&*self,) } else { quote!(&self,) });
            quote!(let (#(#arguments,)*) = if #off { #path(#own #(#arguments),*) } else { (#(#arguments,)*) };)
        }
    };
    let written = &function.block.stmts;
    let ImplItemFn { attrs, vis, defaultness, sig, .. } = &function;
    Ok(quote!(#(#attrs)* #vis #defaultness #sig { #fork #(#patterns)* #(#written)* }))
}

/// What a function gives back that did nothing.
fn nothing(signature: &Signature) -> syn::Result<TokenStream> {
    match &signature.output {
        ReturnType::Default => Ok(TokenStream::new()),
        ReturnType::Type(_, given) => match &**given {
            Type::Tuple(tuple) if tuple.elems.is_empty() => Ok(TokenStream::new()),
            Type::Path(_) => Ok(quote!(Ok(Default::default()))),
            other => Err(Error::new_spanned(other, "only what gives back a Result or nothing can be skipped")),
        },
    }
}

/// `stock_locked` is `StockLocked`.
fn pascal(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
