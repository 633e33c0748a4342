"""The page: what stands where, and what happens when."""

from collections.abc import Callable, Sequence
from types import ModuleType

from mdetools.apis.demo import markup
from mdetools.apis.demo.facts import ModelFacts
from mdetools.apis.demo.handlers import Handlers, Screen
from mdetools.apis.demo.theme import asset
from mdetools.apis.demo.view import View
from mdetools.contract import QUANTITIES
from mdetools.errors import UserError
from mdetools.visualization import COLORMAPS

__all__ = ["Page", "view_of"]

# What viewer.js noted, in place of the hidden text: gradio loads the page again after a connection that broke.
LAST_RESULT = "(_, ...settings) => [window.resultBefore ?? sessionStorage.getItem('result') ?? '', ...settings]"
WAITING = 40  # visitors whose picture waits; to more of them the page says that it is busy


class Page:
    """Builds the page.

    Args:
        gradio: the package.
        handlers: what answers.
        facts: of the model.
        examples: names in the store, and titles.
    """

    def __init__(
        self, gradio: ModuleType, handlers: Handlers, facts: ModelFacts, examples: list[tuple[str, str]]
    ) -> None:
        self.gr, self.handlers, self.facts, self.examples = gradio, handlers, facts, examples
        name, text = examples[0]
        self.first = handlers.choose(name, text, View())

    def build(self):
        """The `gradio.Blocks`."""
        gr = self.gr
        with gr.Blocks(title=f"Depth: {self.facts.rows[0][1]}", analytics_enabled=False) as page:
            gr.HTML(markup.title(self.facts))
            self.name = gr.State(self.first.name)
            self.before = gr.Textbox(visible=False)
            with gr.Row():
                with gr.Column(scale=5, min_width=300, elem_id="left"):
                    self.bringing()
                with gr.Column(scale=11, min_width=340, elem_id="right"):
                    self.looking()
            self.connect(page)
        return page.queue(max_size=WAITING, default_concurrency_limit=4)

    def bringing(self) -> None:
        """The column of what a visitor gives."""
        gr = self.gr
        self.drop = gr.File(
            file_types=["image", "video"],
            label="Picture or video",
            elem_id="drop",
            height=128,
        )
        self.status = gr.HTML(self.first.status, elem_id="status")
        self.thumbs = gr.HTML(markup.examples(self.examples), elem_id="examples", js_on_load=asset("examples.js"))
        with gr.Group():
            self.colormap = gr.Dropdown(COLORMAPS, value="Spectral", label="Colours", elem_id="colormap")
            self.flipped = gr.Checkbox(label="Colours the other way round", elem_id="flipped")
            low, high = (self.slider(which) for which in (0, 1))
        self.low, self.high = low, high
        with gr.Accordion("Camera and scale", open=False, elem_id="camera"):
            self.focal = gr.Number(label="Focal length in pixels (0: the picture's own)", value=0)
            self.view_angle = gr.Slider(
                20, 120, 60, step=1, label="Field of view in degrees, where no focal length is known"
            )
            with gr.Row(visible=QUANTITIES[self.facts.quantity].relative):
                self.scale = gr.Number(label="Scale, 1/m (0: unknown)", value=0, min_width=100, elem_id="scale")
                self.shift = gr.Number(label="Shift, 1/m", value=0, min_width=100, elem_id="shift")
            self.baseline = gr.Number(
                label="Baseline in metres (0: unknown)",
                value=0,
                visible=QUANTITIES[self.facts.quantity].to_depth is not None,
            )
            self.cut = gr.Checkbox(label="Leave occlusion edges out of the PLY", value=True)

    def slider(self, which: int):
        """One end of the range of colours."""
        span, label = self.first.span, ("Range from", "Range to")[which]
        return self.gr.Slider(
            span.least,
            span.most,
            (span.low, span.high)[which],
            label=label,
            step=span.step,
            elem_id=("low", "high")[which],
        )

    def looking(self) -> None:
        """The column of what a visitor gets."""
        gr = self.gr
        with gr.Tabs():
            with gr.Tab("Picture and depth"):
                self.viewer = gr.HTML(self.first.viewer, elem_id="viewer", js_on_load=asset("viewer.js"))
            with gr.Tab("3-D view") as self.turning:
                self.model = gr.Model3D(
                    label="Drag to turn, scroll to come nearer",
                    elem_id="shape",
                    height=430,
                    camera_position=(75, 80, None),
                    clear_color=(0, 0, 0, 0),
                )
                self.caption = gr.HTML(elem_id="caption")
        self.files = gr.HTML(self.first.files, elem_id="files")

    def connect(self, page) -> None:
        """What happens when; `page` is the `gradio.Blocks`."""
        gr, do = self.gr, self.handlers
        settings = self.settings()
        shown = [self.status, self.name, self.viewer, self.files, self.low, self.high]
        several = dict(concurrency_limit=4, concurrency_id="rest", show_progress="hidden", api_visibility="private")

        def brought(path, *values, progress=gr.Progress()):  # noqa: B008  # gradio finds it there
            def told(line: str) -> None:
                progress(0, desc=line)

            return [None, *self.answered(lambda: do.bring(path, view_of(values), told))]

        def chosen(event: gr.EventData, *values):
            return self.answered(lambda: do.choose(*self.examples[event.number], view_of(values)))

        def measured(name, *values):
            return self.answered(lambda: do.measure(name, view_of(values)))

        def painted(name, *values):
            return self.answered(lambda: do.paint(name, view_of(values)))

        page.load(self.loaded, [self.before, *settings], shown, js=LAST_RESULT, **several)
        newest = dict(trigger_mode="always_last", **several)
        shape = dict(fn=self.turned, inputs=[self.name, *settings], outputs=[self.model, self.caption], **newest)
        brings = self.drop.upload(
            brought,
            [self.drop, *settings],
            [self.drop, *shown],
            show_progress_on=[self.viewer],
            concurrency_limit=1,
            api_visibility="private",
        )
        chooses = self.thumbs.click(chosen, settings, shown, **several)
        numbers = [self.focal.change, self.scale.change, self.shift.change, self.baseline.change]
        others = [self.view_angle.release, self.cut.input]
        measures = gr.on([*numbers, *others], measured, [self.name, *settings], shown, **newest)
        paints = [self.colormap.input, self.flipped.input, self.low.input, self.high.input]
        gr.on(paints, painted, [self.name, *settings], shown, **newest)
        self.turning.select(**shape)
        for event in (brings, chooses, measures):
            event.success(**shape)

    def settings(self) -> list:
        """The parts whose values are a `View`, in the order of `view_of`."""
        colours = [self.colormap, self.flipped, self.low, self.high]
        return [*colours, self.focal, self.view_angle, self.scale, self.shift, self.baseline, self.cut]

    def loaded(self, before: str, *values) -> list:
        """A page that is loaded again, see `LAST_RESULT`."""
        return self.answered(lambda: self.handlers.resume(before, view_of(values)))

    def turned(self, name: str, *values) -> tuple[str | None, str]:
        """The file of the 3-D view, and what it shows or why there is none."""
        try:
            return self.handlers.turn(name, view_of(values))
        except UserError as error:
            return None, markup.status(str(error), "bad")

    def answered(self, make: Callable[[], Screen]) -> list:
        """The new values of the page; a mistake changes the line of the status alone."""
        gr = self.gr
        try:
            screen = make()
        except UserError as error:
            screen = Screen(markup.status(str(error), "bad"))
        texts = [screen.status, screen.name, screen.viewer, screen.files]
        span = screen.span
        if span is None:
            ends = [gr.skip(), gr.skip()]
        else:
            ends = [gr.Slider(span.least, span.most, value, step=span.step) for value in (span.low, span.high)]
        return [*(gr.skip() if text is None else text for text in texts), *ends]


def view_of(values: Sequence) -> View:
    """The settings of the page, in which 0 is a length or a scale that is not known; the shift belongs to a scale."""
    colormap, flipped, low, high, focal, angle, scale, shift, baseline, cut = values
    known = (shift or 0.0) if scale else None
    return View(colormap, flipped, low, high, focal or None, angle, scale or None, known, baseline or None, cut)
