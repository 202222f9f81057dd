/// The form by which anybody puts files into an inbox. It works without a script; with one, files can be dropped on it and show
/// their progress.
enum UploadForm {
    static func html(share: ShareSnapshot, path: [String]) -> HTML {
        .element("section", .labelled(by: "upload"), .class("upload")) {
            HTML.element("h2", .id("upload")) { "Upload" }
            HTML.element(
                "form", .method("post"), .encoding("multipart/form-data"), .action(PageParts.folder(share, path)),
                .id("upload-form")
            ) {
                HTML.element("label", .for("files")) { "Files to put into this folder" }
                HTML.void(
                    "input", .type("file"), .id("files"), .name("files"), .multiple, .required,
                    .described(by: "upload-note"))
                HTML.element("button", .type("submit")) { "Upload" }
                HTML.element("p", .id("upload-note"), .class("note")) {
                    "Everybody who reaches this page will see them. Nothing that is here is overwritten."
                    HTML.element("span", .id("upload-hint"), .hidden) {
                        " You can also drop them anywhere on this page."
                    }
                }
            }
            HTML.element("ul", .id("upload-list"), .class("progress")) {}
            HTML.element("p", .id("upload-state"), .role("status"), .class("note")) {}
        }
    }
}
