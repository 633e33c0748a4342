"""Point clouds and meshes: where their points lie, what colours they have, and what no cloud is made of."""

import sys

import numpy as np
import pytest
import trimesh
from PIL import Image
from support.commands import load_tool
from support.stub_inferencer import StubInferencer
from support.user_errors import user_error

from mdetools.apis import Result
from mdetools.apis.inference.cameras import exif_focal_length, intrinsics_of, pinhole
from mdetools.apis.saving import check_saving, formats_of
from mdetools.geometry import back_project, depth_jumps, grid_faces
from mdetools.synthetic.raycast import Box, ConvexPolyhedron, Cylinder, Plane, Sphere, photograph
from mdetools.synthetic.rooms import sample_camera, sample_room


def save(name, result, folder, **options):
    (one,) = formats_of([name], **options)
    path = folder / f"cloud{one.suffix}"
    one.write(result, path)
    return path


def depth_result(depth, intrinsics, image=None, quantity="depth"):
    return Result(quantity, "m", depth.shape, map=depth, intrinsics=intrinsics, image=image)


def signed_distance(shape, points):
    """Of points (N, 3) in the world to a shape, in float64: 0 on its surface."""
    local = (points - shape.position.astype(np.float64)) @ shape.rotation.astype(np.float64)
    if isinstance(shape, Plane):
        return local[:, 2]
    if isinstance(shape, Sphere):
        return np.linalg.norm(local, axis=1) - shape.radius
    if isinstance(shape, ConvexPolyhedron):
        return (local @ shape.normals.T.astype(np.float64) - shape.offsets).max(1)
    if isinstance(shape, Cylinder):
        sides = [np.hypot(local[:, 0], local[:, 1]) - shape.radius, np.abs(local[:, 2]) - shape.half_height]
    else:
        assert isinstance(shape, Box)
        sides = list((np.abs(local) - np.array(shape.half_size)).T)
    outside = np.linalg.norm(np.maximum(sides, 0), axis=0)
    return outside + np.minimum(np.max(sides, axis=0), 0)


def test_the_cloud_of_a_room_lies_on_its_surfaces(tmp_path):
    """From exact depth of a ray-cast room the mean distance to the true surfaces is below 1 mm."""
    rng = np.random.default_rng(7)
    room = sample_room(rng)
    camera = sample_camera(room, rng, 90, 120)
    image, hits = photograph(room.scene, camera, 90, 120, rng)
    depth = hits.t.reshape(90, 120)
    image = np.ascontiguousarray(image.transpose(1, 2, 0)) if len(image) == 3 else image

    def error(intrinsics):
        cloud = trimesh.load(save("ply", depth_result(depth, intrinsics, image), tmp_path))
        assert len(cloud.vertices) == depth.size
        world = cloud.vertices @ camera.rotation.T.astype(np.float64) + camera.position
        distances = [np.abs(signed_distance(part.shape, world)) for part in room.scene.parts]
        return float(np.min(distances, axis=0).mean()), cloud

    right, cloud = error(camera.intrinsics)
    assert right < 1e-5
    np.testing.assert_array_equal(np.asarray(cloud.colors)[:, :3], image.reshape(-1, 3))
    wrong = camera.intrinsics.copy()
    wrong[0, 0] = wrong[1, 1] = 1.05 * wrong[0, 0]
    assert error(wrong)[0] > 1e-3


def test_points_follow_the_camera():
    intrinsics = np.array([[50.0, 2.0, 3.0], [0, 40.0, 2.0], [0, 0, 1]])
    depth = np.random.default_rng(0).uniform(1, 5, (4, 6))
    points = back_project(depth, intrinsics)
    projected = points @ intrinsics.T
    rows, columns = np.indices(depth.shape)
    np.testing.assert_allclose(projected[..., 0] / projected[..., 2], columns, atol=1e-9)
    np.testing.assert_allclose(projected[..., 1] / projected[..., 2], rows, atol=1e-9)
    np.testing.assert_array_equal(points[..., 2], depth)


def test_jumps_are_what_a_loop_over_neighbours_finds():
    rng = np.random.default_rng(1)
    depth = rng.choice([1.0, 1.04, 1.3, 0.0, np.nan], (7, 9))
    expected = np.zeros(depth.shape, bool)
    for row, column in np.ndindex(*depth.shape):
        for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            other = (row + down, column + right)
            if 0 <= other[0] < 7 and 0 <= other[1] < 9:
                near, far = sorted((depth[row, column], depth[other]))
                expected[row, column] |= bool(near > 0 and far / near > 1.1)
    np.testing.assert_array_equal(depth_jumps(depth, 0.1), expected)
    assert 0.2 < expected.mean() < 0.9


def test_a_mesh_faces_the_camera_and_is_cut_where_depth_jumps(tmp_path):
    depth = np.full((4, 6), 2.0, np.float32)
    depth[:, 3:] = 4
    image = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    result = depth_result(depth, pinhole(50, depth.shape), image)
    whole = trimesh.load(save("glb", result, tmp_path)).to_geometry()
    assert (len(whole.vertices), len(whole.faces)) == (24, 2 * 3 * 5)
    corners = whole.triangles.reshape(-1, 3, 3)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((normals * corners.mean(1)).sum(1) < 0).all()  # towards the camera, which is at the origin
    assert whole.vertices[:, 2].max() == -2  # glTF looks along -z
    assert whole.vertices[0, 0] < 0 < whole.vertices[0, 1]  # the first pixel is on the left, and up
    np.testing.assert_array_equal(np.asarray(whole.visual.vertex_colors)[:, :3], image.reshape(-1, 3))
    cut = trimesh.load(save("glb", result, tmp_path, cut_edges=0.1)).to_geometry()
    assert (len(cut.vertices), len(cut.faces)) == (4 * 4, 2 * 2 * 3)
    assert len(trimesh.load(save("ply", result, tmp_path, cut_edges=0.1)).vertices) == 16
    lengths = np.linalg.norm(np.diff(cut.triangles, axis=1), axis=2)
    assert lengths.max() < 1 < np.linalg.norm(np.diff(whole.triangles, axis=1), axis=2).max()


def test_faces_join_kept_neighbours_alone():
    kept = np.array([[True, True, False], [True, True, True]])
    assert grid_faces(kept).tolist() == [[0, 2, 1], [1, 2, 3]]


def test_a_ply_says_its_unit_and_camera(tmp_path):
    depth = np.full((4, 6), 2.0, np.float32)
    content = save("ply", depth_result(depth, pinhole(50, depth.shape)), tmp_path).read_bytes()
    header = content[: content.index(b"end_header")].decode().splitlines()
    assert {"comment unit m", "comment fx 50", "comment cx 2.5", "comment cy 1.5"} <= set(header)


@pytest.mark.parametrize(
    ("quantity", "camera", "depth", "said"),
    [
        ("inverse_depth", True, 2, "is relative: without its scale and shift 1 / value bends every plane"),
        ("disparity", True, 2, "becomes metres with a camera alone; give --focal-length and --baseline"),
        ("logits", True, 2, "no point cloud is made of 'logits', expected depth in metres"),
        ("depth", False, 2, "its focal length is not known, neither from a file"),
        ("depth", True, 0, "no pixel has a point, expected depth above 0"),
    ],
)
def test_what_no_cloud_is_made_of_is_refused_with_the_reason(tmp_path, quantity, camera, depth, said):
    values = np.full((4, 6), depth, np.float32)
    result = depth_result(values, pinhole(50, (4, 6)) if camera else None, quantity=quantity)
    for name in ("ply", "glb"):
        user_error(lambda name=name: save(name, result, tmp_path), said)
    if quantity != "depth":
        user_error(lambda: check_saving(["ply"], quantity), said)
    check_saving(["png16", "exr"], quantity)


def test_the_camera_is_what_is_said_or_lies_beside_the_picture_or_in_its_exif(tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 28  # mm, of a film of 36 x 24
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (400, 300)).save(path, exif=exif)
    expected = 28 * 500 / (36**2 + 24**2) ** 0.5  # by the diagonal of 500 pixels
    assert exif_focal_length(str(path), (300, 400)) == pytest.approx(expected)
    assert intrinsics_of((300, 400), str(path), tmp_path, None)[0, 0] == pytest.approx(expected)
    assert intrinsics_of((300, 400), str(path), tmp_path, 444.0)[1].tolist() == [0, 444, 149.5]
    assert intrinsics_of((300, 400), None, None, None) is None
    folder = tmp_path / "calibrated"
    folder.mkdir()
    Image.new("RGB", (400, 300)).save(folder / "photo.jpg", exif=exif)
    (folder / "intrinsics.txt").write_text("300 310 200 150\n")
    found = intrinsics_of((300, 400), str(folder / "photo.jpg"), tmp_path, None)
    assert found.tolist() == [[300, 0, 200], [0, 310, 150], [0, 0, 1]]
    plane = Image.Exif()
    plane.get_ifd(0x8769).update({0x920A: 5.0, 0xA20E: 2000.0, 0xA210: 3})  # 5 mm, 2000 pixels a centimetre
    Image.new("RGB", (400, 300)).save(path, exif=plane)
    assert exif_focal_length(str(path), (300, 400)) == pytest.approx(1000)
    Image.new("RGB", (4, 3)).save(tmp_path / "bare.png")
    assert exif_focal_length(str(tmp_path / "bare.png"), (3, 4)) is None


def test_the_tool_writes_clouds_and_counts_those_it_cannot(tmp_path, monkeypatch, capsys):
    tool = load_tool("infer")
    photo = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(photo).save(tmp_path / "a.png")
    depth = np.linspace(1, 2, 48, dtype=np.float32).reshape(6, 8)
    monkeypatch.setattr("mdetools.apis.opening.DepthInferencer", lambda *_, **__: StubInferencer(lambda _: depth))

    def infer(*words):
        line = ["infer.py", "dav2/vits_nyu", "c.pth", str(tmp_path / "a.png"), "--out", str(tmp_path / "out"), *words]
        line += ["--overwrite"]
        monkeypatch.setattr(sys, "argv", line)
        return tool.main(tool.parse_args())

    assert infer("--save", "ply", "glb", "--focal-length", "10") == 0
    cloud = trimesh.load(tmp_path / "out/a.ply")
    np.testing.assert_allclose(cloud.vertices, back_project(depth, pinhole(10, (6, 8))).reshape(-1, 3), atol=1e-5)
    np.testing.assert_array_equal(np.asarray(cloud.colors)[:, :3], photo.reshape(-1, 3))
    assert len(trimesh.load(tmp_path / "out/a.glb").to_geometry().faces) == 2 * 5 * 7
    capsys.readouterr()
    assert infer("--save", "ply") == 1
    assert "no a.ply:" in capsys.readouterr().err
